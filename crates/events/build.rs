//! Turns `proto/` into Rust types. The compiler of the proto language is a Rust library, so nothing has
//! to be installed.

use std::error::Error;

const FILES: &[&str] = &[
    "dragoman/gateway/v1/events.proto",
    "dragoman/bot/v1/events.proto",
    "dragoman/llm/v1/events.proto",
    "dragoman/crm/v1/events.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../proto");
    let descriptors = protox::compile(FILES, ["../../proto"])?;
    let mut build = prost_build::Config::new();
    // Personal data stays out of logs: these types have no `Debug` that could print it.
    build.skip_debug(["."]);
    build.compile_fds(descriptors)?;
    Ok(())
}
