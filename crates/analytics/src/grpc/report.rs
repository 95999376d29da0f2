use async_trait::async_trait;
use ids::Timestamp;
use pg::Pool;
use rpc::analytics::kpi_server::Kpi;
use service_kit::Problem;
use rpc::analytics::{ReportRequest, ReportResponse};
use tonic::{Request, Response, Status};

use crate::store::report::{self, Period};

/// `Kpi.Report`: the numbers of a period.
pub(crate) struct Report {
    pub(crate) pool: Pool,
}

#[async_trait]
impl Kpi for Report {
    async fn report(&self, request: Request<ReportRequest>) -> Result<Response<ReportResponse>, Status> {
        let request = request.into_inner();
        let at = |ms| {
            Timestamp::from_millisecond(ms).map_err(|_| Status::invalid_argument("the period is out of range"))
        };
        let (from, to) = (at(request.from_ms)?, at(request.to_ms)?);
        if from >= to {
            return Err(Status::invalid_argument("the period ends before it begins"));
        }
        let period = Period { from: from.into(), to: to.into(), bot: request.bot };
        let answer = report::of(&self.pool, &period).await.map_err(|error| {
            tracing::error!(error = %classify::chain(&error), "a report could not be read");
            Status::from(Problem::from(error))
        })?;
        Ok(Response::new(answer))
    }
}
