use anyhow::{Result, bail};
use llm_worker::{Checked, Trial};
use serde_json::json;

use super::{NOBODY, table};
use crate::commands::print;

pub(super) async fn check(trial: &Trial, provider: Option<&str>, json: bool) -> Result<()> {
    let checked = trial.check(provider).await;
    if checked.is_empty() {
        if let Some(provider) = provider {
            bail!("there is no provider {provider} in the settings; see [llm-worker.providers]");
        }
        return if json { Ok(()) } else { print(NOBODY) };
    }
    let lines = if json { checked.iter().map(as_json).collect() } else { text(&checked) };
    for line in lines {
        print(&line)?;
    }
    match checked.iter().filter(|one| one.error.is_some()).count() {
        0 => Ok(()),
        failed => bail!("{failed} of {} did not work", checked.len()),
    }
}

fn as_json(one: &Checked) -> String {
    json!({
        "provider": one.provider, "key": one.key, "model": one.model, "ok": one.error.is_none(),
        "first_ms": one.first_ms, "total_ms": one.total_ms, "error": one.error,
    })
    .to_string()
}

fn text(checked: &[Checked]) -> Vec<String> {
    let row = |cells: [&str; 6]| cells.map(str::to_owned).to_vec();
    let mut rows = vec![row(["", "provider", "key", "model", "first token", "total"])];
    rows.extend(checked.iter().map(|one| {
        let ms = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
        let (mark, first, total) = match one.error {
            None => ("ok", ms(one.first_ms), ms(one.total_ms)),
            Some(_) => ("FAILED", "-".to_owned(), "-".to_owned()),
        };
        let model = if one.model.is_empty() { "-" } else { &one.model };
        row([mark, &one.provider, &one.key.to_string(), model, &first, &total])
    }));
    let reasons = checked.iter().filter_map(|one| {
        let reason = one.error.as_ref()?;
        Some(format!("{} key {} {}: {reason}", one.provider, one.key, one.model))
    });
    table(&rows).into_iter().chain(reasons).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked() -> Vec<Checked> {
        let good = Checked {
            provider: "deepseek".to_owned(),
            key: 1,
            model: "deepseek-v4-flash".to_owned(),
            first_ms: Some(412),
            total_ms: Some(1_030),
            error: None,
        };
        let error = Some("it refuses the key (status 401, invalid_api_key)".to_owned());
        let bad = Checked { key: 2, first_ms: None, total_ms: None, error, ..good.clone() };
        vec![good, bad]
    }

    #[test]
    fn keys_are_told_by_their_place_and_with_their_reason() {
        let wanted = [
            "        provider  key  model              first token  total",
            "ok      deepseek  1    deepseek-v4-flash  412 ms       1030 ms",
            "FAILED  deepseek  2    deepseek-v4-flash  -            -",
            "deepseek key 2 deepseek-v4-flash: it refuses the key (status 401, invalid_api_key)",
        ];
        assert_eq!(text(&checked()), wanted);
        let told: serde_json::Value = serde_json::from_str(&as_json(&checked()[1])).unwrap();
        assert_eq!((&told["ok"], &told["key"], &told["first_ms"]), (&json!(false), &json!(2), &json!(null)));
    }
}
