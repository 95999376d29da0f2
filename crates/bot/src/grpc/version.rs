use async_trait::async_trait;
use classify::Class;
use pg::Pool;
use rpc::bot::versions_server::Versions as Service;
use rpc::bot::{BotFile, GetVersionRequest, GetVersionResponse};
use rpc::{Request, Response, Status};
use service_kit::Problem;

use crate::store::version::SHORT;
use crate::versions;

/// `Versions.Get`: the files of a version.
pub(crate) struct Versions {
    pub(crate) pool: Pool,
}

#[async_trait]
impl Service for Versions {
    async fn get(&self, request: Request<GetVersionRequest>) -> Result<Response<GetVersionResponse>, Status> {
        let GetVersionRequest { folder, version } = request.into_inner();
        if version.len() < SHORT || !version.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Problem::new(Class::Invalid, "a version is at least 12 hexadecimal digits").into());
        }
        if folder.contains('\0') {
            return Err(Problem::new(Class::Invalid, "no bot has such a name").into());
        }
        let files = versions::files(&self.pool, &folder, &version).await.map_err(Problem::from)?;
        let files =
            files.ok_or_else(|| Problem::new(Class::NotFound, "no such version of the bot is kept"))?;
        let files = files
            .into_iter()
            .map(|(name, bytes)| BotFile { name, text: String::from_utf8_lossy(&bytes).into_owned() })
            .collect();
        Ok(Response::new(GetVersionResponse { files }))
    }
}
