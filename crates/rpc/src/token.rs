use ids::Secret;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

/// Adds the installation's internal token to each call; the other role lets nobody in without it.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    /// An empty token, or one that can not stand in a header, is left out; the other side then refuses.
    #[must_use]
    pub fn new(token: &Secret) -> Self {
        if token.is_empty() {
            return Self(None);
        }
        let mut value: Option<MetadataValue<Ascii>> = format!("Bearer {}", token.expose()).parse().ok();
        if let Some(value) = &mut value {
            value.set_sensitive(true);
        }
        Self(value)
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_added_and_never_printed() {
        let request = Bearer::new(&Secret::new("s3cret")).call(Request::new(())).unwrap();
        assert_eq!(request.metadata().get("authorization").unwrap(), "Bearer s3cret");
        assert!(!format!("{request:?}").contains("s3cret"));
        let without = Bearer::new(&Secret::default()).call(Request::new(())).unwrap();
        assert!(without.metadata().is_empty());
    }
}
