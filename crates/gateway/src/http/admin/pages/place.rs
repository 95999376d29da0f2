//! Where the deal goes, and whose it is.

use maud::{Markup, html};

use super::mapping::Page;
use crate::http::admin::form::place_of;

impl Page<'_> {
    pub(super) fn place(&self) -> Markup {
        let (frame, mapping) = (self.frame, self.mapping);
        let people = self.read.schema.iter().flat_map(|schema| &schema.people);
        let is_somebody = people.clone().any(|one| one.id == mapping.responsible);
        html! {
            section.card {
                h2 { (frame.t("Where it goes", "Куда она попадает")) }
                label for="place" { (frame.t("Pipeline and stage", "Воронка и этап")) }
                select #place name="place" { (self.places()) }
                (self.wrong("pipeline"))
                (self.wrong("stage"))
                label for="responsible" { (frame.t("Responsible", "Ответственный")) }
                select #responsible name="responsible" {
                    option value="" { (frame.t("whom the CRM chooses", "кого выберет CRM")) }
                    @if !mapping.responsible.is_empty() && !is_somebody {
                        option value=(mapping.responsible) selected { (mapping.responsible) }
                    }
                    @for one in people {
                        option value=(one.id) selected[one.id == mapping.responsible] { (one.name) " · " (one.id) }
                    }
                }
                (self.wrong("responsible"))
            }
        }
    }

    fn places(&self) -> Markup {
        let (frame, mapping) = (self.frame, self.mapping);
        let chosen = place_of(&mapping.pipeline, &mapping.stage);
        let pipelines: Vec<_> = self.read.schema.iter().flat_map(|schema| &schema.pipelines).collect();
        let is_known = pipelines.iter().any(|pipeline| {
            place_of(&pipeline.id, "") == chosen
                || pipeline.stages.iter().any(|stage| place_of(&pipeline.id, &stage.id) == chosen)
        });
        html! {
            option value="" { (frame.t("the CRM's first", "первая в CRM")) }
            @if !chosen.is_empty() && !is_known {
                option value=(chosen) selected { (self.place_by_name(&pipelines)) }
            }
            @for pipeline in &pipelines {
                optgroup label=(pipeline.name) {
                    @let first = place_of(&pipeline.id, "");
                    option value=(first) selected[first == chosen] {
                        (pipeline.name) ": " (frame.t("the first stage", "первый этап"))
                    }
                    @for stage in &pipeline.stages {
                        @let place = place_of(&pipeline.id, &stage.id);
                        option value=(place) selected[place == chosen] { (pipeline.name) ": " (stage.name) }
                    }
                }
            }
        }
    }

    /// A stage without its pipeline, as a settings file may have it, or what is not there.
    fn place_by_name(&self, pipelines: &[&rpc::crm::Pipeline]) -> String {
        let mapping = self.mapping;
        let stages = pipelines.iter().flat_map(|pipeline| &pipeline.stages);
        let stage =
            stages.into_iter().find(|stage| stage.id == mapping.stage).map(|stage| stage.name.as_str());
        match (stage, mapping.pipeline.is_empty()) {
            (Some(name), true) => format!("{name} · {}", mapping.stage),
            _ => format!("{} {}", mapping.pipeline, mapping.stage).trim().to_owned(),
        }
    }
}
