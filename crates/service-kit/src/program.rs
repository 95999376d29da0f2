//! The `main` of a service's own program.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::settings::{LogConfig, Settings};
use crate::{Options, Role, StartError, run, telemetry};

/// What the command line said.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    Run { config: Option<PathBuf> },
    Help,
    Version,
}

/// Runs these roles until a signal: `fn main() -> ExitCode { service_kit::main(&[&bot::Bot]) }`. Takes
/// `--config FILE` (or `DRAGOMAN_CONFIG`) and the environment; what goes wrong is one sentence on the
/// standard error and exit code 1, a wrong command line 2.
#[must_use]
pub fn main(roles: &[&dyn Role]) -> ExitCode {
    let names: Vec<_> = roles.iter().map(|role| role.name()).collect();
    let call = match parse(std::env::args_os().skip(1)) {
        Ok(call) => call,
        Err(text) => {
            say(&mut io::stderr(), &text);
            return ExitCode::from(2);
        }
    };
    let config = match call {
        Call::Run { config } => config.or_else(|| std::env::var_os("DRAGOMAN_CONFIG").map(PathBuf::from)),
        Call::Help => {
            say(&mut io::stdout(), &help(&names));
            return ExitCode::SUCCESS;
        }
        Call::Version => {
            say(&mut io::stdout(), &format!("dragoman {}", env!("CARGO_PKG_VERSION")));
            return ExitCode::SUCCESS;
        }
    };
    match start(roles, config.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&mut io::stderr(), &error.sentence());
            ExitCode::FAILURE
        }
    }
}

fn start(roles: &[&dyn Role], config: Option<&Path>) -> Result<(), StartError> {
    // A variable that is no text is none of ours.
    let env = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    let settings = Settings::load(config, env)?;
    let _guard = telemetry::init(&settings.section::<LogConfig>("log")?, roles)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::Runtime)?;
    runtime.block_on(run(roles, &settings, Options::default()))
}

fn parse(args: impl Iterator<Item = OsString>) -> Result<Call, String> {
    let mut args = args;
    let mut config = None;
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--help" | "-h") => return Ok(Call::Help),
            Some("--version" | "-V") => return Ok(Call::Version),
            Some("--config" | "-c") => match args.next() {
                Some(file) => config = Some(PathBuf::from(file)),
                None => return Err("--config needs the name of a file".to_owned()),
            },
            Some(text) if text.starts_with("--config=") => {
                config = text.strip_prefix("--config=").map(PathBuf::from);
            }
            _ => return Err(format!("{} is not understood; see --help", arg.to_string_lossy())),
        }
    }
    Ok(Call::Run { config })
}

fn help(names: &[&str]) -> String {
    format!(
        "Runs {} until SIGTERM.\n\n  -c, --config FILE  settings (TOML); also DRAGOMAN_CONFIG\n  -V, --version\n  \
         -h, --help\n\nDRAGOMAN__SECTION__KEY overrides a setting.",
        names.join(", ")
    )
}

/// Nobody is left to be told when the terminal itself is gone.
fn say(to: &mut dyn Write, text: &str) {
    let _ = writeln!(to, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(args: &[&str]) -> Result<Call, String> {
        parse(args.iter().map(OsString::from))
    }

    #[test]
    fn the_command_line_is_a_file_or_nothing() {
        let file = |name: &str| Ok(Call::Run { config: Some(PathBuf::from(name)) });
        assert_eq!(call(&[]), Ok(Call::Run { config: None }));
        assert_eq!(call(&["--config", "a.toml"]), file("a.toml"));
        assert_eq!(call(&["--config=a.toml"]), file("a.toml"));
        assert_eq!(call(&["-c", "a.toml", "--help"]), Ok(Call::Help));
        assert_eq!(call(&["--config"]), Err("--config needs the name of a file".to_owned()));
        assert_eq!(call(&["run"]), Err("run is not understood; see --help".to_owned()));
    }
}
