//! Where files are kept: a directory, or a bucket.

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use classify::{Class, Classify};
use ids::Timestamp;
use object_store::aws::AmazonS3Builder;
use object_store::client::{HttpClient, HttpConnector};
use object_store::local::LocalFileSystem;
use object_store::{ClientOptions, Error, GetResult, ObjectStore, ObjectStoreExt, RetryConfig};
use tokio::sync::OnceCell;

use super::config::{FilesConfig, S3Config};
use super::leftovers;

/// The storage did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VaultError {
    #[error("the directory for files can not be made or read")]
    Folder(#[source] std::io::Error),
    #[error("there is no such file in the storage")]
    Gone,
    #[error("the storage of files failed")]
    Failed(#[source] Error),
}

impl Classify for VaultError {
    fn class(&self) -> Class {
        match self {
            Self::Gone => Class::NotFound,
            Self::Folder(_) | Self::Failed(_) => Class::Transient,
        }
    }
}

impl From<Error> for VaultError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } => Self::Gone,
            other => Self::Failed(other),
        }
    }
}

/// The storage. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Vault(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    /// Opened when it is first needed: a bot that gets no files needs no directory, and one that can not be made
    /// keeps nobody from talking.
    Folder {
        path: PathBuf,
        opened: OnceCell<LocalFileSystem>,
    },
    Bucket(Box<dyn ObjectStore>),
}

impl Vault {
    /// No network, no file: what can be wrong with the settings is told.
    pub(crate) fn of(config: &FilesConfig) -> Result<Self, String> {
        let kind = match &config.s3 {
            Some(s3) => Kind::Bucket(Box::new(bucket(s3)?)),
            None => Kind::Folder { path: config.folder.clone(), opened: OnceCell::new() },
        };
        Ok(Self(Arc::new(kind)))
    }

    async fn store(&self) -> Result<&dyn ObjectStore, VaultError> {
        match &*self.0 {
            Kind::Bucket(store) => Ok(store.as_ref()),
            Kind::Folder { path, opened } => Ok(opened.get_or_try_init(async || folder(path)).await?),
        }
    }

    /// Keeps it under this key, in place of what was there. When it returns, it is on disk.
    pub(crate) async fn put(&self, key: &str, content: Bytes) -> Result<(), VaultError> {
        self.store().await?.put(&key.into(), content.into()).await?;
        Ok(())
    }

    pub(crate) async fn get(&self, key: &str) -> Result<GetResult, VaultError> {
        Ok(self.store().await?.get(&key.into()).await?)
    }

    /// Deletes what processes that died have left half written before this moment; a bucket does so by itself. How
    /// much there was.
    pub(crate) async fn sweep(&self, before: Timestamp) -> Result<u64, VaultError> {
        let Kind::Folder { path, .. } = &*self.0 else { return Ok(0) };
        let path = path.clone();
        let swept = tokio::task::spawn_blocking(move || leftovers::sweep(&path, before)).await;
        swept.unwrap_or(Ok(0)).map_err(VaultError::Folder)
    }

    /// It is no longer there, if ever it was.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), VaultError> {
        match self.store().await?.delete(&key.into()).await.map_err(VaultError::from) {
            Err(VaultError::Gone) => Ok(()),
            deleted => deleted,
        }
    }
}

fn folder(path: &Path) -> Result<LocalFileSystem, VaultError> {
    // For nobody else on this machine.
    match DirBuilder::new().recursive(true).mode(0o700).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(VaultError::Folder(error)),
        _ => {}
    }
    Ok(LocalFileSystem::new_with_prefix(path)?.with_fsync(true))
}

fn bucket(config: &S3Config) -> Result<impl ObjectStore, String> {
    let wrong = |error: &dyn std::error::Error| format!("[files.s3] can not be used: {error}");
    let retry =
        RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(30), ..RetryConfig::default() };
    let client = outbound::builder()
        .map_err(|error| wrong(&error))?
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(60))
        .build()
        .map_err(|error| wrong(&error))?;
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&config.bucket)
        .with_region(&config.region)
        .with_access_key_id(&config.access_key_id)
        .with_secret_access_key(config.secret_access_key.expose())
        .with_allow_http(config.allow_http)
        .with_retry(retry)
        .with_http_connector(Ours(HttpClient::new(client)));
    if !config.endpoint.is_empty() {
        builder = builder.with_endpoint(&config.endpoint);
    }
    builder.build().map_err(|error| wrong(&error))
}

/// The client of every call of ours: TLS by rustls and ring, no redirects.
#[derive(Debug)]
struct Ours(HttpClient);

impl HttpConnector for Ours {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_keeps_replaces_and_deletes() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("not/there/yet");
        let vault = Vault::of(&FilesConfig { folder: folder.clone(), ..FilesConfig::default() }).unwrap();
        assert!(!folder.exists(), "nothing is made before it is needed");
        vault.put("a/b", Bytes::from_static(b"one")).await.unwrap();
        vault.put("a/b", Bytes::from_static(b"two")).await.unwrap();
        assert_eq!(vault.get("a/b").await.unwrap().bytes().await.unwrap(), "two");
        vault.delete("a/b").await.unwrap();
        vault.delete("a/b").await.unwrap();
        assert!(matches!(vault.get("a/b").await, Err(VaultError::Gone)));
    }

    #[tokio::test]
    async fn what_a_process_that_died_has_left_is_swept_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let vault =
            Vault::of(&FilesConfig { folder: place.path().join("f"), ..FilesConfig::default() }).unwrap();
        let never = Timestamp::UNIX_EPOCH;
        assert_eq!(vault.sweep(never).await.unwrap(), 0, "nothing was kept yet");
        for key in ["sales/talk/kept", "sales/talk/a#1"] {
            vault.put(key, Bytes::from_static(b"content")).await.unwrap();
        }
        // As the storage itself names what it has not finished.
        let folder = place.path().join("f/sales/talk");
        std::fs::write(folder.join("other#1"), "half of it").unwrap();
        std::fs::write(folder.join("kept#12"), "half of it").unwrap();
        assert_eq!(vault.sweep(never).await.unwrap(), 0, "somebody may still write there");
        assert_eq!(vault.sweep(Timestamp::MAX).await.unwrap(), 2);
        let mut left: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["a%231", "kept"]);
        assert_eq!(vault.get("sales/talk/a#1").await.unwrap().bytes().await.unwrap(), "content");
    }

    #[tokio::test]
    async fn a_storage_that_is_down_may_be_up_later() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        std::fs::write(&file, "in the way").unwrap();
        let vault = Vault::of(&FilesConfig { folder: file.join("below"), ..FilesConfig::default() }).unwrap();
        let error = vault.put("a", Bytes::new()).await.unwrap_err();
        assert_eq!(error.class(), Class::Transient);
        std::fs::remove_file(&file).unwrap();
        vault.put("a", Bytes::new()).await.unwrap();
    }
}
