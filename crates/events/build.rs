//! Turns `proto/` into Rust types. The compiler of the proto language is a Rust library, so nothing has
//! to be installed.

use std::error::Error;

const FILES: &[&str] = &[
    "dragoman/gateway/v1/events.proto",
    "dragoman/bot/v1/events.proto",
    "dragoman/llm/v1/events.proto",
    "dragoman/llm/v1/draft.proto",
    "dragoman/crm/v1/events.proto",
    "dragoman/analytics/v1/events.proto",
];

/// What the events of several services are made of, with the module that holds it: it is compiled by itself,
/// for modules stand otherwise than packages.
const SHARED: (&str, &str, &str) =
    ("dragoman/person/v1/person.proto", ".dragoman.person.v1", "crate::message::person");

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../proto");
    let (file, package, module) = SHARED;
    config().compile_fds(protox::compile([file], ["../../proto"])?)?;
    config().extern_path(package, module).compile_fds(protox::compile(FILES, ["../../proto"])?)?;
    Ok(())
}

fn config() -> prost_build::Config {
    let mut config = prost_build::Config::new();
    // Personal data stays out of logs: these types have no `Debug` that could print it.
    config.skip_debug(["."]);
    config
}
