use anyhow::Result;
use service_kit::settings::LogConfig;
use service_kit::{Options, telemetry};

use super::runtime;
use crate::cli::Run;
use crate::{environment, roles};

pub(super) fn run(call: &Run) -> Result<()> {
    let roles = roles::named(&call.roles)?;
    let settings = environment::settings(call.source.config.as_deref())?;
    let _guard = telemetry::init(&settings.section::<LogConfig>("log")?, &roles)?;
    let options = Options { migrate: !call.no_migrate, ..Options::default() };
    runtime()?.block_on(service_kit::run(&roles, &settings, options))?;
    Ok(())
}
