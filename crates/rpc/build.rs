//! Turns the service definitions of `proto/` into clients and servers.

use std::error::Error;

const FILES: &[&str] =
    &["dragoman/analytics/v1/kpi.proto", "dragoman/bot/v1/versions.proto", "dragoman/llm/v1/costs.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../proto");
    let descriptors = protox::compile(FILES, ["../../proto"])?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
