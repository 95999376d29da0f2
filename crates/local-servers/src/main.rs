//! Holds a private Postgres and NATS in a folder until its standard input ends:
//! `local-servers <tools folder> <data folder>` prints both addresses, one a line.

use std::error::Error;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, Tools};

fn main() -> Result<(), Box<dyn Error>> {
    let mut folders = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(tools), Some(data)) = (folders.next(), folders.next()) else {
        return Err("usage: local-servers <tools folder> <data folder>".into());
    };
    let tools = Tools::at(tools)?;
    let postgres = Postgres::start(&tools.postgres()?, &PostgresOptions::new(data.join("postgres")))?;
    let nats = Nats::start(&tools.nats()?, &NatsOptions::new(data.join("nats")))?;
    writeln!(io::stdout(), "{}\n{}", postgres.url().expose(), nats.url().expose())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    nats.stop()?;
    postgres.stop()?;
    Ok(())
}
