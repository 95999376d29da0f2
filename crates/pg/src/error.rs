use classify::{Class, Classify};

/// A failure of our own database.
#[derive(Debug, thiserror::Error)]
#[error("the database did not do what was asked")]
pub struct PgError(#[from] sqlx::Error);

impl PgError {
    /// Whether the failure is that a unique constraint of this name already has the row.
    #[must_use]
    pub fn violates(&self, constraint: &str) -> bool {
        self.0.as_database_error().and_then(|e| e.constraint()) == Some(constraint)
    }

    /// Whether the server did not let us in: the role, its password or the database is not known to it.
    #[must_use]
    pub fn refuses_login(&self) -> bool {
        let code = self.0.as_database_error().and_then(|error| error.code());
        code.is_some_and(|code| LOGIN.contains(&code.as_ref()))
    }
}

impl From<sqlx::migrate::MigrateError> for PgError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self(error.into())
    }
}

impl Classify for PgError {
    fn class(&self) -> Class {
        match &self.0 {
            sqlx::Error::RowNotFound => Class::NotFound,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_)
            | sqlx::Error::BeginFailed => Class::Transient,
            // Two transactions wrote the first job of a key at once (crate jobs): the second tries again.
            sqlx::Error::Database(error) if error.constraint() == Some("job_running") => Class::Transient,
            sqlx::Error::Database(error) => of_sqlstate(error.code().as_deref().unwrap_or_default()),
            _ => Class::Permanent,
        }
    }
}

/// Invalid authorization, invalid password, invalid catalog name.
const LOGIN: [&str; 3] = ["28000", "28P01", "3D000"];

/// The class of an SQLSTATE (Postgres manual, appendix A).
fn of_sqlstate(code: &str) -> Class {
    match code {
        // Serialization failure and deadlock; lock not available; statement timeout; read-only standby.
        "40001" | "40P01" | "55P03" | "57014" | "25006" => Class::Transient,
        // Shut down, crash, starting up, too many connections, disk or memory full, disk failing.
        "57P01" | "57P02" | "57P03" | "57P05" | "53000" | "53100" | "53200" | "53300" | "58030" => {
            Class::Transient
        }
        // Our process stood still in a transaction for longer than the pool allows; the server rolled it back.
        "25P03" => Class::Transient,
        "23505" | "23P01" => Class::Conflict,
        "42501" => Class::Denied,
        // It is our own database: while its password is changed, or it is restored under its name, work that is
        // good must not be given up.
        code if LOGIN.contains(&code) => Class::Transient,
        code if code.starts_with("08") => Class::Transient,
        _ => Class::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_connection_is_transient_and_a_wrong_statement_is_not() {
        let cut = PgError::from(sqlx::Error::Io(std::io::Error::other("connection reset")));
        assert_eq!(cut.class(), Class::Transient);
        assert_eq!(of_sqlstate("40P01"), Class::Transient);
        assert_eq!(of_sqlstate("57P01"), Class::Transient);
        assert_eq!(of_sqlstate("25P03"), Class::Transient);
        assert_eq!(of_sqlstate("23505"), Class::Conflict);
        assert_eq!(of_sqlstate("42501"), Class::Denied);
        for login in LOGIN {
            assert_eq!(of_sqlstate(login), Class::Transient, "{login}");
        }
        assert_eq!(of_sqlstate("42P01"), Class::Permanent);
    }
}
