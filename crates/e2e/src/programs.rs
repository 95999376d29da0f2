use std::env;
use std::path::PathBuf;

/// Where a program of ours was built: in the folder of this test's own profile.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    // target/<profile>/deps/<test>
    let profile = test.ancestors().nth(2).unwrap();
    let program = profile.join(name);
    assert!(
        program.is_file(),
        "{} is not there: run the end-to-end tests with `cargo xtask test -p e2e`, which builds every program first",
        program.display()
    );
    program
}
