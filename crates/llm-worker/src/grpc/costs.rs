use async_trait::async_trait;
use classify::{Class, Failure};
use ids::{Clock, Timestamp};
use pg::Pool;
use rpc::llm::costs_server::Costs;
use rpc::llm::{CostLine, CostsRequest, CostsResponse};
use rpc::{Request, Response, Status};
use service_kit::Problem;

use crate::money::config::MoneyConfig;
use crate::money::costs::{self, By};

/// `Costs.Costs`: what answers of a period have cost.
pub(crate) struct TellCosts {
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) config: MoneyConfig,
}

#[async_trait]
impl Costs for TellCosts {
    async fn costs(&self, request: Request<CostsRequest>) -> Result<Response<CostsResponse>, Status> {
        let (period, by) = read(&request.into_inner()).map_err(|why| Problem::new(Class::Invalid, why))?;
        let told = costs::costs(&self.pool, &self.config, self.clock.now(), period, by).await;
        let told = told.map_err(|error| Problem::of(&Failure::from(error)))?;
        Ok(Response::new(CostsResponse {
            lines: told.lines.into_iter().map(line).collect(),
            total: Some(line(told.total)),
            today: Some(line(told.today)),
            month: Some(line(told.month)),
            day_limit_micros: told.day_limit_micros.unwrap_or(0),
            held_micros: told.held_micros,
            resets_at_ms: told.resets_at.as_millisecond(),
        }))
    }
}

type Asked = (Option<(Timestamp, Timestamp)>, Option<By>);

/// What is asked, or why it can not be.
fn read(request: &CostsRequest) -> Result<Asked, &'static str> {
    let by = match request.by.as_str() {
        "" => None,
        word => Some(By::named(word).ok_or(
            "by must be model, provider, bot, person, key, mode, prompt, conversation, lead or day",
        )?),
    };
    if request.from_ms == 0 && request.to_ms == 0 {
        return Ok((None, by));
    }
    let at = |ms: i64| Timestamp::from_millisecond(ms).ok().filter(|at| *at >= Timestamp::UNIX_EPOCH);
    let (Some(from), Some(to)) = (at(request.from_ms), at(request.to_ms)) else {
        return Err("the period must lie between 1970 and 9999");
    };
    if from >= to {
        return Err("the period ends before it begins");
    }
    Ok((Some((from, to)), by))
}

fn line(line: costs::CostLine) -> CostLine {
    let costs::CostLine {
        name,
        questions,
        unended,
        prompt_tokens,
        completion_tokens,
        cost_micros,
        estimated_micros,
    } = line;
    CostLine { name, questions, unended, prompt_tokens, completion_tokens, cost_micros, estimated_micros }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_that_is_none_and_an_unknown_word_are_refused() {
        let ask = |from_ms, to_ms, by: &str| read(&CostsRequest { from_ms, to_ms, by: by.to_owned() });
        assert_eq!(ask(0, 0, "").unwrap(), (None, None));
        assert_eq!(ask(0, 1, "model").unwrap().1, Some(By::Model));
        for (from, to, by) in
            [(1, 1, ""), (2, 1, ""), (-1, 1, ""), (i64::MIN, i64::MAX, ""), (0, 0, "models")]
        {
            assert!(ask(from, to, by).is_err(), "{from} {to} {by}");
        }
    }
}
