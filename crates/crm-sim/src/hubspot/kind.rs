/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Contacts,
    Deals,
    Notes,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Contacts, Self::Deals, Self::Notes];

    /// By its name in a path, or by its type.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name || kind.type_id() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Deals => "deals",
            Self::Notes => "notes",
        }
    }

    pub(super) const fn type_id(self) -> &'static str {
        match self {
            Self::Contacts => "0-1",
            Self::Deals => "0-3",
            Self::Notes => "0-46",
        }
    }

    /// The number of the association from it to another.
    pub(super) const fn type_to(self, to: Self) -> Option<u64> {
        match (self, to) {
            (Self::Deals, Self::Contacts) => Some(3),
            (Self::Contacts, Self::Deals) => Some(4),
            (Self::Contacts, Self::Notes) => Some(201),
            (Self::Notes, Self::Contacts) => Some(202),
            (Self::Deals, Self::Notes) => Some(213),
            (Self::Notes, Self::Deals) => Some(214),
            _ => None,
        }
    }

    /// The same by its older name.
    pub(super) fn to(self, to: Self) -> String {
        let one = |kind: Self| kind.name().trim_end_matches('s');
        format!("{}_to_{}", one(self), one(to))
    }

    /// What every answer shows of it.
    pub(super) const fn always(self) -> &'static [&'static str] {
        match self {
            Self::Contacts => {
                &["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"]
            }
            Self::Deals => &[
                "amount",
                "closedate",
                "createdate",
                "dealname",
                "dealstage",
                "hs_lastmodifieddate",
                "hs_object_id",
                "pipeline",
            ],
            Self::Notes => &["hs_createdate", "hs_lastmodifieddate", "hs_object_id"],
        }
    }

    /// What a private app needs to read it, or to write it.
    pub(super) fn scope(self, writes: bool) -> String {
        // HubSpot has none for notes: whoever may see people may see these.
        let of = if self == Self::Deals { "deals" } else { "contacts" };
        format!("crm.objects.{of}.{}", if writes { "write" } else { "read" })
    }
}
