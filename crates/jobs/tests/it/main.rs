//! The queues on a real Postgres.

#[cfg(test)]
mod begin;
mod endings;
#[cfg(test)]
mod erase;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod order;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod periodic;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod rates;
#[cfg(test)]
mod support;
