use std::sync::{Arc, OnceLock};

use classify::{Class, Classify};
use reqwest::{Client, ClientBuilder, redirect};
use rustls::{ClientConfig, RootCertStore};

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("tls can not be set up")]
    Tls(#[source] rustls::Error),
    #[error("the http client can not be set up")]
    Client(#[from] reqwest::Error),
}

impl Classify for ClientError {
    fn class(&self) -> Class {
        Class::Permanent
    }
}

/// A builder with TLS by rustls and ring, no redirects and no referer: an address of ours may hold a secret,
/// and a redirect is never a success.
pub fn builder() -> Result<ClientBuilder, ClientError> {
    Ok(Client::builder()
        .tls_backend_preconfigured(tls()?)
        .redirect(redirect::Policy::none())
        .referer(false)
        .tcp_nodelay(true)
        .user_agent(concat!("dragoman/", env!("CARGO_PKG_VERSION"))))
}

/// The certificates of the system where it has any, else Mozilla's, so that a bare container works too. They are
/// read once: that takes longer than a call.
fn tls() -> Result<ClientConfig, ClientError> {
    static READY: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(ready) = READY.get() {
        return Ok(ready.clone());
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(ClientError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(READY.get_or_init(|| config).clone())
}
