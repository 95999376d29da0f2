//! Files that are written from the code and committed, so that a reader finds them and a review shows
//! what a change does to them. `GENERATED` is the list.

mod events_page;

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::shell::{Shell, say};

/// One file and where its text comes from.
struct Generated {
    /// From the root.
    path: &'static str,
    /// What stands before the text.
    head: &'static str,
    text: Source,
}

enum Source {
    /// A function of ours, for what needs light crates only.
    Function(fn(&Shell) -> anyhow::Result<String>),
    /// What `dragoman` prints when it is given these arguments: spares this program the services as
    /// dependencies, so that tidy runs while they do not compile.
    Dragoman(&'static [&'static str]),
}

/// Every generated file.
const GENERATED: &[Generated] = &[
    Generated {
        path: "docs/EVENTS.md",
        head: events_page::HEAD,
        text: Source::Function(events_page::render),
    },
    Generated {
        path: "docs/CONFIGURATION.md",
        head: "# Configuration

Every setting of the configuration file. Written by `cargo xtask gen` from the code: do not edit.

An environment variable `DRAGOMAN__SECTION__KEY` overrides a setting; an empty one is as if not set (`\"\"`, with its
quotes, is an empty text). A list or a table is written in it as in TOML,
`DRAGOMAN__CRM__ENDPOINTS='[{name = \"n8n\", url = \"https://…\", secret_file = \"…\"}]'`, or key by key, `DRAGOMAN__CRM__ENDPOINTS__0__URL`;
a name's hyphen is `_` there. A secret may stand in a file that `<key>_file` names. A key that is not listed here is refused.

A command reads the file that `-c` or `DRAGOMAN_CONFIG` names, else `dragoman.toml` in the folder where it is called. Where
`dragoman up` (`make run`) has run, that file holds only what is to be otherwise than `up` says itself
(`.dragoman/dragoman.toml`): it is laid over it, table by table, a list as a whole, by `up` and by every command. A file that names
a database or NATS itself is an installation's: nothing is laid below it, and `up` does not start with it.

[dragoman.default.toml](dragoman.default.toml) has every setting with its default,
[dragoman.schema.json](dragoman.schema.json) is the JSON Schema.

",
        text: Source::Dragoman(&["config", "reference"]),
    },
    Generated {
        path: "docs/dragoman.default.toml",
        head: "",
        text: Source::Dragoman(&["config", "default"]),
    },
    Generated { path: "docs/dragoman.schema.json", head: "", text: Source::Dragoman(&["config", "schema"]) },
    Generated { path: "docs/openapi.json", head: "", text: Source::Dragoman(&["config", "openapi"]) },
    Generated {
        path: "docs/bots/dev2production.md",
        head: "# The flows of dev2production

Drawn by `dragoman bot graph bots/dev2production`, written by `cargo xtask gen`: do not edit. Everywhere a person may
also ask something else, stop, and come back later.

",
        text: Source::Dragoman(&["bot", "graph", "bots/dev2production"]),
    },
    Generated { path: "docs/bots/bot.schema.json", head: "", text: Source::Dragoman(&["bot", "schema", "bot"]) },
    Generated { path: "docs/bots/menu.schema.json", head: "", text: Source::Dragoman(&["bot", "schema", "menu"]) },
    Generated { path: "docs/bots/faq.schema.json", head: "", text: Source::Dragoman(&["bot", "schema", "faq"]) },
    Generated { path: "docs/bots/flow.schema.json", head: "", text: Source::Dragoman(&["bot", "schema", "flow"]) },
    Generated {
        path: "docs/bots/experiments.schema.json",
        head: "",
        text: Source::Dragoman(&["bot", "schema", "experiments"]),
    },
    Generated { path: "docs/bots/eval.schema.json", head: "", text: Source::Dragoman(&["bot", "schema", "eval"]) },
    Generated {
        path: "docs/bots/model_cases.schema.json",
        head: "",
        text: Source::Dragoman(&["bot", "schema", "model_cases"]),
    },
    Generated {
        path: "bots/dev2production/calibration.yml",
        head: "",
        text: Source::Dragoman(&["bot", "calibrate", "--print", "bots/dev2production"]),
    },
    Generated {
        path: "docs/bots/scenarios.schema.json",
        head: "",
        text: Source::Dragoman(&["bot", "schema", "scenarios"]),
    },
];

/// Writes every file, or with `check` only compares.
pub(crate) fn run(shell: &Shell, check: bool) -> anyhow::Result<()> {
    let dragoman = shell.build_dragoman()?;
    let mut stale = Vec::new();
    for file in GENERATED {
        let text =
            file.text.make(shell, &dragoman).with_context(|| format!("could not generate {}", file.path))?;
        let text = format!("{}{text}", file.head);
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
    fn make(&self, shell: &Shell, dragoman: &Path) -> anyhow::Result<String> {
        match self {
            Self::Function(make) => make(shell),
            Self::Dragoman(args) => shell.program(dragoman).args(*args).output(),
        }
    }
}
