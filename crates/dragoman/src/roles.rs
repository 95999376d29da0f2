use anyhow::{Result, bail};
use service_kit::Role;

/// Every role there is, in the order an update travels.
pub const ROLES: &[&dyn Role] =
    &[&gateway::Gateway, &bot::Bot, &llm_worker::LlmWorker, &crm::Crm, &analytics::Analytics];

/// The roles of these names; `all` means all.
pub(crate) fn named(names: &[String]) -> Result<Vec<&'static dyn Role>> {
    if names.iter().any(|name| name == "all") {
        return Ok(ROLES.to_vec());
    }
    let mut roles = Vec::with_capacity(names.len());
    for name in names {
        match ROLES.iter().find(|role| role.name() == name) {
            Some(role) => roles.push(*role),
            None => bail!("there is no role {name}; the roles are {}", list()),
        }
    }
    Ok(roles)
}

/// The one role of this name.
pub(crate) fn one(name: &str) -> Result<&'static dyn Role> {
    match named(&[name.to_owned()])?.as_slice() {
        [role] => Ok(*role),
        _ => bail!("name one role: {}", list()),
    }
}

fn list() -> String {
    ROLES.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_found_by_name_and_a_wrong_name_lists_them() {
        assert_eq!(named(&["all".to_owned()]).unwrap().len(), ROLES.len());
        assert_eq!(named(&["bot".to_owned(), "crm".to_owned()]).unwrap().len(), 2);
        let text = named(&["bott".to_owned()]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(text, "there is no role bott; the roles are gateway, bot, llm-worker, crm, analytics");
    }
}
