//! New files in `migrations/llm` must be embedded again.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/llm");
}
