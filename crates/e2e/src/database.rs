use testkit::{PrivatePostgres, TestDatabase};

/// Where the schemas of an installation are.
#[derive(Debug)]
pub enum Database {
    /// On the Postgres that the tests of a run share.
    Shared(TestDatabase),
    /// On a Postgres that the test may stop.
    Own(PrivatePostgres),
}

impl Database {
    /// The superuser's address of it.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Shared(database) => &database.url,
            Self::Own(postgres) => postgres.url().expose(),
        }
    }

    /// What login roles are named after, which belong to the whole server.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Shared(database) => &database.name,
            Self::Own(_) => "own",
        }
    }

    /// To be stopped and started again.
    pub(crate) fn postgres(&mut self) -> &mut PrivatePostgres {
        match self {
            Self::Own(postgres) => postgres,
            Self::Shared(_) => panic!("the Postgres of other tests too is not to be stopped"),
        }
    }
}
