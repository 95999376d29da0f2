//! Reads a folder's files and turns them into values; what they mean together is checked in `check`.

use std::collections::HashSet;
use std::fs;
use std::path::Path as FsPath;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::check::{self, File, PromptFile, Report};
use crate::document::Document;
use crate::yaml::{self, At, Node};
use crate::{
    Bot, BotFolder, Calibration, Experiments, Faq, Fault, Files, Flow, FolderErrors, Knowledge,
    KnowledgeHead, LabelledSet, Lang, Menu, ModelBaselines, ModelCases, Prompt, PromptHead, Scenarios,
};

/// A file of a bot is text that a person writes; a larger one is a mistake.
const MAX_BYTES: u64 = 1024 * 1024;
const MAX_FILES: usize = 1_000;
/// A version is kept and sent as a whole.
const MAX_BYTES_TOGETHER: usize = 16 * 1024 * 1024;
const SCENARIOS: &str = "scenarios";
const EVAL: &str = "eval";
const MODEL_EVAL: &str = "eval/model";
const BASELINE: &str = "model/baseline.json";
const PARTS: &str = "bot.yml, menu.yml, faq.yml, experiments.yml, calibration.yml, flows/*.yml, prompts/*.md, \
                     knowledge/*.md, scenarios/*.yml, eval/*.yml, eval/model/*.yml, eval/model/baseline.json";

/// Reads one labelled set that lies outside any folder.
pub(crate) fn labelled(file: &str, text: &str) -> Result<LabelledSet, FolderErrors> {
    let mut report = Report::default();
    match yaml_file::<LabelledSet>(file, text, &mut report) {
        Some((_, set)) if report.is_empty() => Ok(LabelledSet { file: file.to_owned(), ..set }),
        _ => Err(report.into_errors()),
    }
}

pub(crate) fn load(path: &FsPath) -> Result<BotFolder, FolderErrors> {
    let name = name(path);
    let mut report = Report::default();
    let mut files = Vec::new();
    collect(path, "", &mut files, &mut report);
    if !report.is_empty() {
        // What could be read is checked as well, so that everything is said at once.
        if let Err(FolderErrors(more)) = from_files(&name, &files) {
            report.extend(more);
        }
        return Err(report.into_errors());
    }
    from_files(&name, &files)
}

/// A folder is called as its bot.
pub(crate) fn name(path: &FsPath) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The files of a folder as they are, unread.
pub(crate) fn files(path: &FsPath) -> Result<Files, FolderErrors> {
    let mut report = Report::default();
    let mut files = Vec::new();
    collect(path, "", &mut files, &mut report);
    if report.is_empty() { Ok(files) } else { Err(report.into_errors()) }
}

/// Whether a file makes a bot what it is. Whoever adds a test changes no bot.
pub(crate) fn is_served(file: &str) -> bool {
    !file.starts_with("scenarios/") && !file.starts_with("eval/")
}

fn collect(folder: &FsPath, prefix: &str, files: &mut Vec<(String, Vec<u8>)>, report: &mut Report) {
    let shown = if prefix.is_empty() { "." } else { prefix.trim_end_matches('/') };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return report.whole(shown, format!("the folder can not be read ({error})")),
    };
    for entry in entries {
        let Ok(entry) = entry else { continue };
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        // Editors and version control leave hidden files; they are no part of the bot.
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        match fs::metadata(entry.path()) {
            Ok(meta) if meta.is_dir() => match name.as_str() {
                "flows" | "prompts" | "knowledge" | SCENARIOS | EVAL | MODEL_EVAL => {
                    collect(&entry.path(), &format!("{name}/"), files, report);
                }
                _ => report.whole(&name, format!("this folder is no part of a bot; its parts are {PARTS}")),
            },
            Ok(meta) if meta.len() > MAX_BYTES => {
                report.whole(&name, format!("the file is larger than {MAX_BYTES} bytes; split it"));
            }
            Ok(_) if files.len() >= MAX_FILES => {
                return report.whole(&name, format!("the folder has more than {MAX_FILES} files"));
            }
            Ok(_) => match fs::read(entry.path()) {
                Ok(bytes) => files.push((name, bytes)),
                Err(error) => report.whole(&name, format!("the file can not be read ({error})")),
            },
            Err(error) => report.whole(&name, format!("the file can not be read ({error})")),
        }
    }
}

/// Reads a folder from its files: relative names with `/`, and bytes.
pub(crate) fn from_files(name: &str, files: &[(String, Vec<u8>)]) -> Result<BotFolder, FolderErrors> {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort();
    let mut report = Report::default();
    if sorted.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > MAX_BYTES_TOGETHER {
        report.whole(".", format!("the files are larger than {MAX_BYTES_TOGETHER} bytes together"));
    }
    let mut parts = Parts::default();
    for (file, bytes) in &sorted {
        match std::str::from_utf8(bytes) {
            Ok(text) => parts.read(file, text, &mut report),
            Err(error) => {
                let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
                let at = At { line: u32::try_from(line).unwrap_or(u32::MAX), column: 1 };
                report.at(file, at, "", "this is not UTF-8; save the file in that encoding");
                // It is there all the same.
                parts.cannot_read(file);
            }
        }
    }
    parts.finish(name, version(&sorted), report)
}

fn version(sorted: &[&(String, Vec<u8>)]) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in sorted.iter().filter(|(name, _)| is_served(name)) {
        // Lengths keep a file's name and bytes from being mistaken for another's.
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name.as_bytes());
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What has been read so far.
#[derive(Default)]
struct Parts {
    bot: Option<(File, Bot)>,
    menu: Option<(File, Menu)>,
    faq: Option<(File, Faq)>,
    flows: Vec<(File, Flow)>,
    knowledge: Vec<(File, Knowledge)>,
    prompts: Vec<PromptFile>,
    experiments: Option<(File, Experiments)>,
    scenarios: Vec<(File, Scenarios)>,
    eval: Vec<(File, LabelledSet)>,
    model_cases: Vec<(File, ModelCases)>,
    model_baselines: Option<(File, ModelBaselines)>,
    calibration: Option<(File, Calibration)>,
    /// Every flow there is a file for, even where the file has mistakes, so that they are not reported a
    /// second time where the flow is named.
    flow_ids: Vec<String>,
    seen: Vec<String>,
}

impl Parts {
    fn cannot_read(&mut self, file: &str) {
        self.seen.push(file.to_owned());
        let flow = file.strip_prefix("flows/").and_then(|stem| stem.strip_suffix(".yml"));
        self.flow_ids.extend(flow.map(str::to_owned));
    }

    fn read(&mut self, file: &str, text: &str, report: &mut Report) {
        self.seen.push(file.to_owned());
        match file.split_once('/') {
            None => match file {
                "bot.yml" => self.bot = yaml_file(file, text, report),
                "menu.yml" => self.menu = yaml_file(file, text, report),
                "faq.yml" => self.faq = yaml_file(file, text, report),
                "experiments.yml" => self.experiments = yaml_file(file, text, report),
                "calibration.yml" => self.calibration = yaml_file(file, text, report),
                "README.md" => {}
                _ => report.whole(file, format!("this file is no part of a bot; its parts are {PARTS}")),
            },
            Some(("flows", stem)) => match stem.strip_suffix(".yml") {
                Some(id) => {
                    self.flow_ids.push(id.to_owned());
                    if let Some((file, mut flow)) = yaml_file::<Flow>(file, text, report) {
                        flow.id = id.to_owned();
                        self.flows.push((file, flow));
                    }
                }
                None => report.whole(file, "a flow's file ends in .yml; rename it"),
            },
            Some((SCENARIOS, stem)) => match stem.strip_suffix(".yml") {
                Some(id) => {
                    if let Some((file, mut all)) = yaml_file::<Scenarios>(file, text, report) {
                        let path = yaml::Path::default().key(SCENARIOS);
                        for (nth, scenario) in all.scenarios.iter_mut().enumerate() {
                            id.clone_into(&mut scenario.file);
                            scenario.line = file.line(&path.index(nth));
                        }
                        self.scenarios.push((file, all));
                    }
                }
                None => report.whole(file, "a file of scenarios ends in .yml; rename it"),
            },
            Some((EVAL, BASELINE)) => self.model_baselines = yaml_file(file, text, report),
            Some((EVAL, stem)) if stem.starts_with("model/") => {
                self.read_model_cases(file, stem, text, report);
            }
            Some((EVAL, stem)) => match stem.strip_suffix(".yml") {
                Some(id) => {
                    if let Some((file, mut set)) = yaml_file::<LabelledSet>(file, text, report) {
                        id.clone_into(&mut set.file);
                        self.eval.push((file, set));
                    }
                }
                None => report.whole(file, "a labelled set's file ends in .yml; rename it"),
            },
            Some((kind @ ("knowledge" | "prompts"), stem)) => match stem.strip_suffix(".md") {
                Some(id) => self.read_document(kind, file, id, text, report),
                None => report.whole(file, "a document's file ends in .md; rename it"),
            },
            Some(_) => report.whole(file, format!("this file is no part of a bot; its parts are {PARTS}")),
        }
    }

    fn read_model_cases(&mut self, file: &str, stem: &str, text: &str, report: &mut Report) {
        let Some(id) = stem.strip_prefix("model/").and_then(|stem| stem.strip_suffix(".yml")) else {
            return report
                .whole(file, "a file of cases ends in .yml, and the baseline is baseline.json; rename it");
        };
        if let Some((file, mut all)) = yaml_file::<ModelCases>(file, text, report) {
            all.cases.iter_mut().for_each(|case| id.clone_into(&mut case.file));
            self.model_cases.push((file, all));
        }
    }

    fn read_document(&mut self, kind: &str, file: &str, id: &str, text: &str, report: &mut Report) {
        let Some(Document { head, body, body_at }) = Document::of(text) else {
            let wanted = if kind == "prompts" { "title and version" } else { "title and language" };
            let message = format!("the file must begin with a line `---`, then {wanted}, then a line `---`");
            return report.at(file, At { line: 1, column: 1 }, "", message);
        };
        if kind == "prompts" {
            if let Some((file, head)) = yaml_file::<PromptHead>(file, &head, report) {
                self.prompts.push(PromptFile { file, prompt: written(id, head, body), body_at });
            }
        } else if let Some((file, head)) = yaml_file::<KnowledgeHead>(file, &head, report) {
            let document = Knowledge { id: id.to_owned(), title: head.title, language: head.language, body };
            self.knowledge.push((file, document));
        }
    }

    /// What an answer may be said to come from.
    fn titles(&self) -> HashSet<&str> {
        let documents = self.knowledge.iter().map(|(_, document)| document.title.as_str());
        let entries = self.faq.iter().flat_map(|(_, faq)| &faq.entries);
        documents.chain(entries.flat_map(|entry| entry.question.iter().map(|(_, text)| text))).collect()
    }

    fn finish(self, name: &str, version: String, mut report: Report) -> Result<BotFolder, FolderErrors> {
        for file in ["bot.yml", "menu.yml", "faq.yml"] {
            if !self.seen.iter().any(|seen| seen == file) {
                report.whole(file, "the file is missing; every bot has one");
            }
        }
        let langs: Vec<Lang> = self.bot.as_ref().map(|(_, bot)| bot.languages.clone()).unwrap_or_default();
        let world = check::World {
            name,
            langs: &langs,
            menu: self.menu.as_ref().filter(|(file, _)| file.is_whole()).map(|(_, menu)| menu),
            faq: self.faq.as_ref().filter(|(file, _)| file.is_whole()).map(|(_, faq)| faq),
            flow_ids: &self.flow_ids,
            asks_currency: self.bot.as_ref().is_none_or(|(_, bot)| bot.texts.hint_currency.is_some()),
            leads_to: self.bot.as_ref().map(|(_, bot)| &bot.leads_to),
        };
        if let Some((file, bot)) = &self.bot {
            check::bot(&world, file, bot, &mut report);
        }
        if let Some((file, menu)) = &self.menu {
            check::menu(&world, file, menu, &mut report);
        }
        if let Some((file, faq)) = &self.faq {
            check::faq(&world, file, faq, &mut report);
        }
        for (file, flow) in &self.flows {
            check::flow(&world, file, flow, &mut report);
        }
        check::ends(&world, &self.flows, &mut report);
        if let Some((file, bot)) = &self.bot {
            check::leads_to(file, &bot.leads_to, &self.flows, &self.flow_ids, &mut report);
        }
        for (file, document) in &self.knowledge {
            check::knowledge(&world, file, document, &mut report);
        }
        let bot = self.bot.as_ref().map(|(file, bot)| (file, bot));
        check::prompts(&world, &self.prompts, bot, &mut report);
        let experiments = self.experiments.as_ref().map(|(file, experiments)| (file, experiments));
        check::experiments(experiments, &self.seen, &self.prompts, &mut report);
        let mut names = Vec::new();
        for (file, all) in &self.scenarios {
            check::scenarios(&world, file, all, &mut names, &mut report);
        }
        let mut asked = check::Asked::default();
        for (file, set) in &self.eval {
            check::eval(&world, file, set, &mut asked, &mut report);
        }
        let titles = self.titles();
        let mut names = HashSet::new();
        for (file, all) in &self.model_cases {
            check::model_cases(&world, file, all, &titles, &mut names, &mut report);
        }
        if let Some((file, baselines)) = &self.model_baselines {
            check::baselines(file, baselines, &mut report);
        }
        if let Some((file, calibration)) = &self.calibration {
            check::calibration(file, calibration, &mut report);
        }
        match (self.bot, self.menu, self.faq) {
            (Some((_, bot)), Some((_, menu)), Some((_, faq))) if report.is_empty() => Ok(BotFolder {
                bot,
                menu,
                faq,
                flows: self.flows.into_iter().map(|(_, flow)| flow).collect(),
                knowledge: self.knowledge.into_iter().map(|(_, document)| document).collect(),
                prompts: self.prompts.into_iter().map(|one| one.prompt).collect(),
                experiments: self.experiments.map(|(_, all)| all.experiments).unwrap_or_default(),
                scenarios: self.scenarios.into_iter().flat_map(|(_, all)| all.scenarios).collect(),
                eval: self.eval.into_iter().map(|(_, set)| set).collect(),
                model_cases: self.model_cases.into_iter().flat_map(|(_, all)| all.cases).collect(),
                model_baselines: self.model_baselines.map(|(_, baselines)| baselines).unwrap_or_default(),
                calibration: self.calibration.map(|(_, calibration)| calibration),
                version,
            }),
            _ => Err(report.into_errors()),
        }
    }
}

fn yaml_file<T: DeserializeOwned>(file: &str, text: &str, report: &mut Report) -> Option<(File, T)> {
    let node: Node = match yaml::parse(text) {
        Ok(node) => node,
        Err((at, message)) => {
            report.at(file, at, "", message);
            return None;
        }
    };
    let decoded: yaml::Decoded<T> = yaml::decode(&node);
    report.extend(decoded.problems.into_iter().map(|problem| Fault {
        file: file.to_owned(),
        line: problem.at.line,
        column: problem.at.column,
        field: problem.field,
        message: problem.message,
    }));
    Some((File::new(file, node, decoded.dropped, decoded.replaced), decoded.value?))
}

/// Reads one prompt, if nothing in its front matter is wrong.
pub(crate) fn prompt(id: &str, text: &str) -> Option<Prompt> {
    let Document { head, body, .. } = Document::of(text)?;
    let mut report = Report::default();
    let (_, head) = yaml_file::<PromptHead>(id, &head, &mut report)?;
    report.is_empty().then(|| written(id, head, body))
}

fn written(id: &str, head: PromptHead, body: String) -> Prompt {
    let PromptHead { title, version, variables } = head;
    Prompt { id: id.to_owned(), title, version, body, variables, is_default: false }
}
