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

/// What a program of ours gets of the environment: nothing that could be one of its settings.
pub(crate) fn environment() -> impl Iterator<Item = (String, String)> {
    const PASSED_ON: [&str; 7] =
        ["PATH", "HOME", "USER", "LANG", "TMPDIR", "LLVM_PROFILE_FILE", "RUST_BACKTRACE"];
    env::vars().filter(|(name, _)| PASSED_ON.contains(&name.as_str()))
}
