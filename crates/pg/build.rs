//! New files in `migrations/platform` must be embedded again.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/platform");
}
