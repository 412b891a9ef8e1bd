//! Conditions as text.

use alloc::string::ToString;
use core::fmt::{self, Display, Formatter};

use crate::id::Gid;
use crate::sim::script::parse::claim::{AMOUNTS, STATES};
use crate::sim::script::parse::shards::STATUSES;
use crate::sim::script::resolve::group_name;
use crate::sim::script::tree::{
    Claim, Compare, Condition, Count, Got, Group, Holding, Pattern, ShardClaim, State, Who,
};

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (number, (negated, claim)) in self.claims.iter().enumerate() {
            let gap = match (number, self.any) {
                (0, _) => "",
                (_, true) => " or ",
                (_, false) => " and ",
            };
            write!(f, "{gap}{}{claim}", if *negated { "not " } else { "" })?;
        }
        Ok(())
    }
}

/// Whether a verb is of one or of several.
fn is_one(group: &Group) -> bool {
    matches!(group, Group::Each(list) if list.len() == 1 && !matches!(list[0], Who::All(_)))
}

fn state(f: &mut Formatter<'_>, group: &Group, state: &State) -> fmt::Result {
    let same = |known: &State| core::mem::discriminant(known) == core::mem::discriminant(state);
    let row = STATES.iter().find(|(.., known)| same(known));
    let words = row.map_or("", |(one, many, _)| if is_one(group) { one } else { many });
    write!(f, "{group} {words}")?;
    match state {
        State::Follows(Some(who)) => write!(f, " {who}"),
        _ => Ok(()),
    }
}

impl Display for Count {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(amount, group) => {
                let row = AMOUNTS.iter().find(|(_, known, _)| known == amount);
                write!(f, "{} of {group}", row.map_or("", |(name, ..)| name))
            }
            Self::Leaders => f.write_str("number of leaders"),
            Self::Configuration => f.write_str("configuration"),
            Self::Shards(group) => write!(f, "number of shards of {}", group_name(*group)),
            Self::Committed => f.write_str("number of committed slots"),
            Self::Held => f.write_str("number of held messages"),
        }
    }
}

impl Display for Holding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Noop => f.write_str("a no-op"),
            Self::Term(term) => write!(f, "term {term}"),
            Self::Command(command) => write!(f, "\"{command}\""),
        }
    }
}

fn message(f: &mut Formatter<'_>, exists: bool, pattern: &Pattern) -> fmt::Result {
    let first = if pattern.held { "held" } else { pattern.kind.one };
    let article = match (exists, first.starts_with(['a', 'e', 'i', 'o', 'u'])) {
        (false, _) => "no",
        (true, true) => "an",
        (true, false) => "a",
    };
    write!(f, "{article} {pattern} is on its way")
}

fn leader(f: &mut Formatter<'_>, exists: bool, of: Option<Gid>) -> fmt::Result {
    f.write_str(if exists { "a leader" } else { "no leader" })?;
    of.map_or(Ok(()), |group| write!(f, " of {}", group_name(group)))?;
    f.write_str(" exists")
}

fn stored(f: &mut Formatter<'_>, key: &str, at: &Group, value: Option<&str>) -> fmt::Result {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let quote = if plain { "" } else { "\"" };
    write!(f, "key {quote}{key}{quote} at {at} is ")?;
    match value {
        Some(value) => write!(f, "\"{value}\""),
        None => f.write_str("missing"),
    }
}

impl Display for ShardClaim {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Has { group, status, shard } => {
                let group = group.map_or("nobody".into(), group_name);
                let row = STATUSES.iter().find(|(_, known)| known == status);
                write!(f, "{group} {} shard {shard}", row.map_or("", |(words, _)| words))
            }
            Self::Moving { shard, from, to } => {
                let [from, to] = [*from, *to].map(group_name);
                write!(f, "shard {shard} is on its way from {from} to {to}")
            }
            Self::Applied { config, at } => {
                write!(f, "configuration {config} is applied ")?;
                match at {
                    Some(group) => write!(f, "at {group}"),
                    None => f.write_str("everywhere"),
                }
            }
        }
    }
}

impl Display for Claim {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leader { exists, of } => leader(f, *exists, *of),
            Self::Led => f.write_str("every group has a leader"),
            Self::Is(group, what) => state(f, group, what),
            Self::Voted(group, None) => write!(f, "{group} voted for nobody"),
            Self::Voted(group, Some(who)) => write!(f, "{group} voted for {who}"),
            Self::Count { count, compare, number } => {
                let compare = match compare {
                    Compare::Is => "",
                    Compare::AtLeast => "at least ",
                    Compare::AtMost => "at most ",
                };
                write!(f, "{count} is {compare}{number}")
            }
            Self::Terms(group, terms) => {
                let one = is_one(group);
                let [log, has] = if one { ["log", "has"] } else { ["logs", "have"] };
                let what = if terms.is_empty() { "no entries" } else { "terms" };
                write!(f, "{log} of {group} {has} {what}")?;
                terms.iter().try_for_each(|term| write!(f, " {term}"))
            }
            Self::SameLogs(group) => write!(f, "logs of {group} are equal"),
            Self::SameStores(group) => write!(f, "stores of {group} are equal"),
            Self::Slot { slot, group, holding } => {
                let verb = if is_one(group) { "holds" } else { "hold" };
                write!(f, "slot {slot} of {group} {verb} {holding}")
            }
            Self::Committed { slot, at: None } => write!(f, "slot {slot} is committed"),
            Self::Committed { slot, at: Some(at) } => write!(f, "slot {slot} is committed at {at}"),
            Self::Stored { key, at, value } => stored(f, key, at, value.as_deref()),
            Self::Session { client, at, last } => {
                let last = last.map_or_else(|| "missing".into(), |last| last.to_string());
                write!(f, "session of {client} at {at} is {last}")
            }
            Self::Got { client, got, operation } => {
                match got {
                    Got::Waits => write!(f, "{client} waits")?,
                    Got::Answer(text) => write!(f, "{client} got \"{text}\"")?,
                    Got::Read(text) => write!(f, "{client} read \"{text}\"")?,
                }
                operation.map_or(Ok(()), |number| write!(f, " in operation {number}"))
            }
            Self::AnsweredBy { server, client } => write!(f, "{server} answered {client}"),
            Self::Shards(claim) => claim.fmt(f),
            Self::Message { exists, pattern } => message(f, *exists, pattern),
            Self::Link { from, to, cut } => {
                let state = if *cut { "cut" } else { "whole" };
                write!(f, "the link from {from} to {to} is {state}")
            }
            Self::Law { law: None, .. } => f.write_str("all invariants hold"),
            Self::Law { law: Some(law), broken } => {
                write!(f, "{} {}", law.id(), if *broken { "is broken" } else { "holds" })
            }
            Self::History { linearizable } => {
                let verb = if *linearizable { "is" } else { "is not" };
                write!(f, "the history {verb} linearizable")
            }
            Self::Why(group, doubt) => {
                write!(f, "{group} {} why {doubt}", if is_one(group) { "is" } else { "are" })
            }
            Self::Said { who, text } => write!(f, "{who} said \"{text}\""),
        }
    }
}
