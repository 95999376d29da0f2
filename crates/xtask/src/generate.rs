//! Files that are written from the code and committed, so that a reader finds them and a review shows
//! what a change does to them. `GENERATED` is the list.

mod events_page;

use std::fs;

use anyhow::{Context, bail};

use crate::shell::{Shell, say};

/// One file and where its text comes from.
struct Generated {
    /// From the root.
    path: &'static str,
    text: Source,
}

enum Source {
    /// A function of ours, for what needs light crates only.
    Function(fn(&Shell) -> anyhow::Result<String>),
    /// What `cargo run --package <first> -- <rest>` prints: spares this program the services as
    /// dependencies, so that tidy runs while they do not compile.
    #[expect(dead_code, reason = "the services' files are entered as the services get their commands")]
    Program(&'static [&'static str]),
}

/// Every generated file.
const GENERATED: &[Generated] =
    &[Generated { path: "docs/EVENTS.md", text: Source::Function(events_page::render) }];

/// Writes every file, or with `check` only compares.
pub(crate) fn run(shell: &Shell, check: bool) -> anyhow::Result<()> {
    let mut stale = Vec::new();
    for file in GENERATED {
        let text = file.text.make(shell).with_context(|| format!("could not generate {}", file.path))?;
        let path = shell.root().join(file.path);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            stale.push(file.path);
        } else {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, text).with_context(|| format!("could not write {}", path.display()))?;
            say(&format!("wrote {}", file.path));
        }
    }
    if !stale.is_empty() {
        bail!("out of date: {}; run `cargo xtask gen` and commit what it writes", stale.join(", "));
    }
    say(&format!("gen: {} files are up to date", GENERATED.len()));
    Ok(())
}

impl Source {
    fn make(&self, shell: &Shell) -> anyhow::Result<String> {
        match self {
            Self::Function(make) => make(shell),
            Self::Program(args) => {
                let (package, rest) = args.split_first().context("a program has a name")?;
                shell.cargo(["run", "--quiet", "--package", package, "--"]).args(rest).output()
            }
        }
    }
}
