use async_trait::async_trait;
use classify::Class;
use ids::Timestamp;
use pg::Pool;
use rpc::analytics::kpi_server::Kpi;
use rpc::analytics::{ReportRequest, ReportResponse};
use service_kit::Problem;
use tonic::{Request, Response, Status};

use crate::store::report::{self, Period};

/// `Kpi.Report`: the numbers of a period.
pub(crate) struct Report {
    pub(crate) pool: Pool,
}

#[async_trait]
impl Kpi for Report {
    async fn report(&self, request: Request<ReportRequest>) -> Result<Response<ReportResponse>, Status> {
        let period = period(request.into_inner()).map_err(|why| Problem::new(Class::Invalid, why))?;
        let report = report::of(&self.pool, &period).await.map_err(Problem::from)?;
        Ok(Response::new(report))
    }
}

/// The period, or why it is none.
fn period(request: ReportRequest) -> Result<Period, &'static str> {
    // Facts begin long after 1970; what lies before it the database may not even know how to write.
    let at = |ms: i64| Timestamp::from_millisecond(ms).ok().filter(|at| *at >= Timestamp::UNIX_EPOCH);
    let (Some(from), Some(to)) = (at(request.from_ms), at(request.to_ms)) else {
        return Err("the period must lie between 1970 and 9999");
    };
    if from >= to {
        return Err("the period ends before it begins");
    }
    if request.bot.contains('\0') {
        return Err("no bot has such a name");
    }
    Ok(Period { from: from.into(), to: to.into(), bot: request.bot })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_period_that_ends_after_it_begins_and_can_be_written_is_taken() {
        let ask = |from_ms, to_ms| period(ReportRequest { from_ms, to_ms, bot: String::new() });
        assert!(ask(0, 1).is_ok());
        for (from, to) in [(1, 1), (2, 1), (-1, 1), (i64::MIN, i64::MAX), (0, i64::MAX)] {
            assert!(ask(from, to).is_err(), "{from} {to}");
        }
    }
}
