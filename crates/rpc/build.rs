//! Turns the service definitions of `proto/` into clients and servers.

use std::error::Error;

const FILES: &[&str] = &[
    "dragoman/analytics/v1/kpi.proto",
    "dragoman/bot/v1/versions.proto",
    "dragoman/crm/v1/mappings.proto",
    "dragoman/llm/v1/costs.proto",
    "dragoman/llm/v1/models.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../proto");
    let descriptors = protox::compile(FILES, ["../../proto"])?;
    // What is said to a model and by it, and what a lead becomes, stays out of logs: these types have no `Debug` that could
    // print it.
    tonic_prost_build::configure()
        .skip_debug([".dragoman.llm.v1", ".dragoman.crm.v1"])
        .compile_fds(descriptors)?;
    Ok(())
}
