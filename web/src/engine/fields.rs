//! The fields of the settings form.

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole number.
    Whole,
    /// Milliseconds, with decimals.
    Millis,
    /// A chance in a hundred.
    Percent,
    /// A whole number, or nothing.
    Maybe,
    /// On or off.
    Switch,
}

/// A setting in the form.
pub(crate) struct Field {
    /// Its name for tests.
    pub(crate) name: &'static str,
    /// Its name on the page.
    pub(crate) label: &'static str,
    /// One sentence about it.
    pub(crate) help: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// What the core's complaints call it.
    pub(super) setting: &'static str,
    /// What it holds if nobody changes it.
    pub(super) usual: &'static str,
}

impl Field {
    /// What it is counted in.
    pub(crate) const fn unit(&self) -> &'static str {
        match self.kind {
            Kind::Millis => "ms",
            Kind::Percent => "%",
            Kind::Maybe => "bytes",
            Kind::Whole | Kind::Switch => "",
        }
    }
}

const fn field(
    name: &'static str,
    setting: &'static str,
    label: &'static str,
    kind: Kind,
    usual: &'static str,
    help: &'static str,
) -> Field {
    Field { name, label, help, kind, setting, usual }
}

/// The settings, in the order of the form.
pub(crate) const FIELDS: [Field; 20] = [
    field(
        "servers",
        "servers",
        "Servers",
        Kind::Whole,
        "5",
        "3, 5 or 7 are usual; a majority decides (§5.1).",
    ),
    field("clients", "clients", "Clients", Kind::Whole, "2", "Who asks the servers."),
    field(
        "groups",
        "groups",
        "Groups",
        Kind::Whole,
        "0",
        "0: one group has every key. 1 to 8: each holds some of the shards.",
    ),
    field(
        "shards",
        "shards",
        "Shards",
        Kind::Whole,
        "10",
        "Into how many parts the keys are divided; for groups only.",
    ),
    field(
        "seed",
        "seed",
        "Seed",
        Kind::Whole,
        "1",
        "Equal seeds and equal actions give equal runs.",
    ),
    field(
        "heartbeat",
        "heartbeat",
        "Heartbeat",
        Kind::Millis,
        "25",
        "How often a leader says that it is there (§5.2).",
    ),
    field(
        "election-min",
        "election time-out",
        "Time-out from",
        Kind::Millis,
        "80",
        "A follower that hears nothing for so long stands for election (§5.2).",
    ),
    field(
        "election-max",
        "",
        "Time-out to",
        Kind::Millis,
        "160",
        "Each draws its own time-out between the two, so that votes rarely split (§5.2).",
    ),
    field("latency-min", "latency", "Message from", Kind::Millis, "4", "The quickest message."),
    field("latency-max", "", "Message to", Kind::Millis, "6", "The slowest message."),
    field("loss", "loss", "Lost", Kind::Percent, "0", "How many messages the network loses."),
    field("duplicates", "duplication", "Duplicated", Kind::Percent, "0", "How many arrive twice."),
    field(
        "reordered",
        "re-ordering",
        "Held up",
        Kind::Percent,
        "0",
        "How many are overtaken by later ones.",
    ),
    field(
        "disk",
        "disk write",
        "Disk write",
        Kind::Millis,
        "0.5",
        "Nothing leaves a server before it is on its disk.",
    ),
    field(
        "pause",
        "pause between operations",
        "Client pause",
        Kind::Millis,
        "12",
        "Between an answer and the next operation.",
    ),
    field(
        "snapshot",
        "snapshot above",
        "Snapshot above",
        Kind::Maybe,
        "900",
        "A longer log is replaced by a snapshot (§7); none: never.",
    ),
    field(
        "pre-vote",
        "",
        "Pre-vote",
        Kind::Switch,
        "true",
        "Ask before opening a new term (thesis §9.6).",
    ),
    field(
        "check-quorum",
        "",
        "Check-quorum",
        Kind::Switch,
        "true",
        "A leader that hears from no majority steps down (thesis §6.2).",
    ),
    field(
        "sticky",
        "",
        "Stickiness",
        Kind::Switch,
        "true",
        "No vote while a leader was heard lately (§6).",
    ),
    field(
        "read-index",
        "",
        "Fast reads",
        Kind::Switch,
        "true",
        "A leader confirms that it leads and answers, without an entry (thesis §6.4).",
    ),
];
