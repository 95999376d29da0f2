//! What is wrong, with what to do about it, for a person.

use super::{LONGEST, MOST, Problem, Why};
use crate::domain::lead::NAMES;

impl Problem {
    pub(crate) fn english(&self) -> String {
        let ours = &self.ours;
        match &self.why {
            Why::Unknown => {
                format!("the mapping names {ours:?}; there are {} and answers.<field>", NAMES.join(", "))
            }
            Why::Long => format!("longer than {LONGEST} characters; shorten it"),
            Why::Control => "has characters that can not be seen; write it anew".to_owned(),
            Why::Many => format!("more than {MOST}; leave some out"),
            Why::NoPipeline(id) => format!("the account has no pipeline {id}; choose one that it has"),
            Why::NoStage(id) => format!("the pipeline has no stage {id}; choose one of its stages"),
            Why::Nobody(id) => format!("the account has nobody {id}; choose somebody who is there"),
            Why::NoField => {
                format!("{ours} goes to a field that the account does not have; choose another field")
            }
            Why::ReadOnly(field) => {
                format!("{ours} can not go to {field}, which can only be read; choose another field")
            }
            Why::NotFilled(field) => {
                format!(
                    "{ours} can not go to {field}, a kind that can not be filled in; choose another field"
                )
            }
            Why::Choice { value, field, choices } => format!(
                "{ours} may be {value:?}; {field} takes one of {choices}: add the choice there, or choose another field"
            ),
        }
    }

    pub(crate) fn russian(&self) -> String {
        let ours = &self.ours;
        match &self.why {
            Why::Unknown => format!("имени {ours:?} нет; есть {} и answers.<поле>", NAMES.join(", ")),
            Why::Long => format!("длиннее {LONGEST} знаков; сократите"),
            Why::Control => "есть невидимые знаки; наберите заново".to_owned(),
            Why::Many => format!("больше {MOST}; уберите лишнее"),
            Why::NoPipeline(id) => format!("в аккаунте нет воронки {id}; выберите другую"),
            Why::NoStage(id) => format!("в воронке нет этапа {id}; выберите один из её этапов"),
            Why::Nobody(id) => format!("в аккаунте нет сотрудника {id}; выберите другого"),
            Why::NoField => {
                format!("{ours} идёт в поле, которого в аккаунте нет; выберите другое поле")
            }
            Why::ReadOnly(field) => {
                format!("{ours} не может идти в «{field}»: его можно только читать; выберите другое поле")
            }
            Why::NotFilled(field) => {
                format!(
                    "{ours} не может идти в «{field}»: такой вид поля не заполняется; выберите другое поле"
                )
            }
            Why::Choice { value, field, choices } => format!(
                "{ours} бывает {value:?}, а «{field}» принимает одно из: {choices}; добавьте вариант или выберите другое поле"
            ),
        }
    }
}
