use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use bot::domain::Engine;
use bot_folder::BotFolder;

use crate::commands::print;

/// Writes the bot's calibration anew.
pub(super) fn calibrate(folder: &Path, only_print: bool) -> Result<()> {
    let bot = BotFolder::load(folder).with_context(|| format!("{}", folder.display()))?;
    let calibration = bot::eval::calibrate(&Engine::new(Arc::new(bot)));
    if calibration.questions == 0 {
        bail!("{} has no labelled set for tuning; write one in eval/", folder.display());
    }
    let yaml = calibration.to_yaml();
    if only_print {
        return print(yaml.trim_end());
    }
    let path = folder.join("calibration.yml");
    fs::write(&path, yaml).with_context(|| format!("{} can not be written", path.display()))?;
    print(&format!("{} is made from {} questions", path.display(), calibration.questions))
}
