use std::path::PathBuf;

use ids::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

/// Files that people send to bots: where they are kept, who looks through them, who may fetch them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FilesConfig {
    /// The directory that files are kept in; made when the first one comes. Where several processes have the role
    /// `bot`, they share it, or use `s3`.
    pub folder: PathBuf,
    /// Keeps files in a bucket instead of the directory.
    pub s3: Option<S3Config>,
    /// `host:port` of a ClamAV daemon. Files wait until it has looked through them. Empty: nothing is scanned.
    pub clamav: String,
    /// Days after which a file is deleted, 1 to 3650.
    #[schemars(range(min = 1, max = 3650))]
    pub keep_days: u32,
    /// Files that a process fetches and looks through at once. Each takes up to 20 MB of memory.
    pub concurrency: usize,
    /// Signs links to files: 32 random characters or more. Has to be the same in every process. Empty: nothing can
    /// be fetched.
    pub link_secret: Secret,
    /// Seconds that a link opens a file, 1 to 86400.
    #[schemars(range(min = 1, max = 86_400))]
    pub link_seconds: u32,
    /// What opens `POST /v1/files/{id}/link`, which gives out links, as `Authorization: Bearer`. Empty: nobody gets
    /// any.
    pub link_token: Secret,
    /// The address that links begin with, such as `https://files.example.com`, under which this service is reached.
    /// Empty: links are told without it, to be put behind the address that was asked.
    pub public_url: String,
}

/// A bucket of S3 or of something that speaks like it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    pub bucket: String,
    /// Of Amazon's, such as `eu-central-1`; others mostly take any.
    #[serde(default = "region")]
    pub region: String,
    /// The address of another provider, such as `https://storage.example.com`. Empty: Amazon.
    #[serde(default)]
    pub endpoint: String,
    pub access_key_id: String,
    pub secret_access_key: Secret,
    /// Whether `endpoint` may be plain http: only for a storage on the same private network.
    #[serde(default)]
    pub allow_http: bool,
}

fn region() -> String {
    "us-east-1".to_owned()
}

impl Default for FilesConfig {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("files"),
            s3: None,
            clamav: String::new(),
            keep_days: 180,
            concurrency: 4,
            link_secret: Secret::default(),
            link_seconds: 900,
            link_token: Secret::default(),
            public_url: String::new(),
        }
    }
}

impl FilesConfig {
    /// What can not be worked with, in one sentence.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if !self.link_secret.is_empty() && self.link_secret.expose().len() < 32 {
            return Err("[files] link_secret is too short; write 32 random characters or more");
        }
        if !(1..=86_400).contains(&self.link_seconds) {
            return Err("[files] link_seconds must be 1 to 86400");
        }
        if !(1..=3650).contains(&self.keep_days) {
            return Err("[files] keep_days must be 1 to 3650");
        }
        if self.concurrency == 0 {
            return Err("[files] concurrency must be at least 1, or no file is ever looked at");
        }
        if !self.clamav.is_empty() && !self.clamav.contains(':') {
            return Err("[files] clamav is no address; write host:port");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_work_is_told_at_the_start() {
        assert!(FilesConfig::default().check().is_ok());
        let wrong = |change: fn(&mut FilesConfig)| {
            let mut config = FilesConfig::default();
            change(&mut config);
            config.check().unwrap_err()
        };
        assert!(wrong(|config| config.link_secret = Secret::new("hunter2")).contains("link_secret"));
        assert!(wrong(|config| config.link_seconds = 0).contains("link_seconds"));
        assert!(wrong(|config| config.keep_days = 0).contains("keep_days"));
        assert!(wrong(|config| config.concurrency = 0).contains("concurrency"));
        assert!(wrong(|config| config.clamav = "clamav".to_owned()).contains("clamav"));
    }
}
