//! A script as text: what was read prints as it was written, but for spaces.

mod claim;
mod doubt;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter, Write};

use super::parse::{HEADER, values};
use super::resolve::group_name;
use super::settings::Value;
use super::tree::{
    Assignment, Deed, Group, Line, Order, Pattern, RuleEnd, Span, Statement, Which, Who,
};
use crate::id::Gid;
use crate::rng::Ppm;
use crate::shardkv::Routing;
use crate::sim::action::PacketFault;
use crate::sim::network::{Latency, Verdict};
use crate::sim::workload::Pace;
use crate::time::Instant;

/// Lines as text, each with a newline. Comments stand as far in as what they are about.
pub(super) fn text(lines: &[Line]) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in lines {
        inside |= matches!(line, Line::Cluster | Line::Story);
        let indent = if inside && matches!(line, Line::Remark(_)) { "  " } else { "" };
        let written = writeln!(text, "{indent}{line}");
        debug_assert!(written.is_ok());
    }
    text
}

impl Display for Line {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => Ok(()),
            Self::Remark(text) if text.is_empty() => f.write_str("#"),
            Self::Remark(text) => write!(f, "# {text}"),
            Self::Header => f.write_str(HEADER),
            Self::Title(title) => write!(f, "title \"{title}\""),
            Self::Cluster => f.write_str("cluster"),
            Self::Setting(assignment) => write!(f, "  {assignment}"),
            Self::Story => f.write_str("story"),
            Self::Statement(choice @ Statement::Choice { .. }) => write!(f, "    {choice}"),
            Self::Statement(statement) => write!(f, "  {statement}"),
        }
    }
}

impl Display for Assignment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.setting.name, self.value)
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(number) | Self::Limit(Some(number)) => write!(f, "{number}"),
            Self::Limit(None) => f.write_str("none"),
            Self::Switch(on) => f.write_str(if *on { "on" } else { "off" }),
            Self::Time(time) => write!(f, "{time}"),
            Self::Span((low, high)) if low == high => write!(f, "{low}"),
            Self::Span((low, high)) => write!(f, "{low} to {high}"),
            Self::Chance(chance) => percent(f, *chance),
            Self::Latency(latency) => takes(f, *latency),
            Self::Pace(Pace::Silent) => f.write_str("off"),
            Self::Pace(Pace::Open { every }) => write!(f, "every {every}"),
            Self::Pace(Pace::Closed { think }) => write!(f, "thinks {think}"),
            Self::Mix(mix) => {
                let mut mix = *mix;
                let mut gap = "";
                for (name, weight) in values::MIX {
                    let weight = *weight(&mut mix);
                    if weight > 0 {
                        write!(f, "{gap}{name} {weight}")?;
                        gap = " ";
                    }
                }
                // Without any weight, it must be read again all the same.
                if gap.is_empty() { f.write_str("get 0") } else { Ok(()) }
            }
            Self::Mutant(id) => write!(f, "{id}"),
            Self::Routing(Routing::Fnv) => f.write_str("fnv"),
            Self::Routing(Routing::FirstByte) => f.write_str("first byte"),
            Self::Quiet(()) => f.write_str("quiet"),
        }
    }
}

fn takes(f: &mut Formatter<'_>, latency: Latency) -> fmt::Result {
    match latency {
        Latency::Fixed(time) => write!(f, "{time}"),
        Latency::Uniform { min, max } => write!(f, "{min} to {max}"),
        Latency::LongTail { median } => write!(f, "about {median}"),
    }
}

/// `5 %`, `0.25 %`.
fn percent(f: &mut Formatter<'_>, Ppm(millionths): Ppm) -> fmt::Result {
    write!(f, "{}", millionths / 10_000)?;
    let (mut rest, mut place) = (millionths % 10_000, 1_000);
    if rest > 0 {
        f.write_str(".")?;
        while rest > 0 {
            write!(f, "{}", rest / place)?;
            rest %= place;
            place /= 10;
        }
    }
    f.write_str(" %")
}

fn moment(f: &mut Formatter<'_>, at: Instant) -> fmt::Result {
    write!(f, "{}", at.since(Instant::ZERO))
}

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Say(text) => write!(f, "say \"{text}\""),
            Self::Let { name, who } => write!(f, "let {name} be {who}"),
            Self::Do(deed) => write!(f, "{deed}"),
            Self::After(time) => write!(f, "after {time}"),
            Self::At(at) => {
                f.write_str("at ")?;
                moment(f, *at)
            }
            Self::AtStep(step) => write!(f, "at step {step}"),
            Self::Wait { until, condition, within } => {
                write!(f, "{} {condition}", if *until { "until" } else { "when" })?;
                within.map_or(Ok(()), |time| write!(f, " within {time}"))
            }
            Self::Expect { condition, span } => {
                write!(f, "expect {condition}")?;
                match span {
                    Span::Now => Ok(()),
                    Span::Within(time) => write!(f, " within {time}"),
                    Span::For(time) => write!(f, " for {time}"),
                }
            }
            Self::Ask(text) => write!(f, "ask \"{text}\""),
            Self::Choice { text, condition } => write!(f, "choice \"{text}\" if {condition}"),
            Self::Show(None) => f.write_str("show who waits for whom"),
            Self::Show(Some(doubt)) => write!(f, "show why {doubt}"),
            Self::Answer(None) => f.write_str("answer"),
            Self::Answer(Some(text)) => write!(f, "answer \"{text}\""),
        }
    }
}

/// `the leader`, `the leader of G2`.
fn of(f: &mut Formatter<'_>, words: &str, group: Option<Gid>) -> fmt::Result {
    f.write_str(words)?;
    group.map_or(Ok(()), |group| write!(f, " of {}", group_name(group)))
}

impl Display for Who {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(id) => write!(f, "S{}", u32::from(id.0) + 1),
            Self::Member(group, number) => write!(f, "{}.S{number}", group_name(*group)),
            Self::All(group) => f.write_str(&group_name(*group)),
            Self::Client(number) => write!(f, "Client {number}"),
            Self::Operator => f.write_str("Operator"),
            Self::Leader(group) => of(f, "the leader", *group),
            Self::Follower(group) => of(f, "a follower", *group),
            Self::AnotherFollower(group) => of(f, "another follower", *group),
            Self::Named(name) => f.write_str(name),
        }
    }
}

impl Display for Group {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Each(list) => {
                for (number, who) in list.iter().enumerate() {
                    let gap = if number > 0 { ", " } else { "" };
                    write!(f, "{gap}{who}")?;
                }
                Ok(())
            }
            Self::Servers => f.write_str("all servers"),
            Self::Clients => f.write_str("all clients"),
            Self::Followers(group) => of(f, "the followers", *group),
            Self::Rest => f.write_str("the rest"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

impl Pattern {
    /// As rules name it, or as one message is named.
    fn write(&self, f: &mut Formatter<'_>, many: bool) -> fmt::Result {
        f.write_str(if self.held { "held " } else { "" })?;
        f.write_str(if many { self.kind.many } else { self.kind.one })?;
        if let Some(from) = &self.from {
            write!(f, " from {from}")?;
        }
        self.to.as_ref().map_or(Ok(()), |to| write!(f, " to {to}"))
    }
}

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write(f, false)
    }
}

impl Display for Which {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "message {number}"),
            Self::The(pattern) => write!(f, "the {pattern}"),
            Self::Every(pattern) => write!(f, "every {pattern}"),
        }
    }
}

impl Display for Order {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let list = |groups: &[Gid]| groups.iter().map(|gid| group_name(*gid)).collect::<Vec<_>>();
        match self {
            Self::Join(groups) => write!(f, "join {}", list(groups).join(", ")),
            Self::Leave(groups) => write!(f, "leave {}", list(groups).join(", ")),
            Self::Move { shard, to } => write!(f, "move shard {shard} to {}", group_name(*to)),
            Self::Query(None) => f.write_str("query the configuration"),
            Self::Query(Some(number)) => write!(f, "query configuration {number}"),
        }
    }
}

/// The operator needs no name: nobody else is asked so often.
fn control(f: &mut Formatter<'_>, client: &Who, order: &Order) -> fmt::Result {
    match client {
        Who::Operator => write!(f, "{order}"),
        _ => write!(f, "{client}: {order}"),
    }
}

impl Display for Deed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Each(verb, group) => write!(f, "{} {group}", verb.word()),
            Self::Elect(who) => write!(f, "{who} starts an election"),
            Self::Transfer { from, to } => write!(f, "{from} hands leadership over to {to}"),
            Self::Propose { server, command } => write!(f, "{server}: {command}"),
            Self::Invoke { client, command } => write!(f, "{client}: {command}"),
            Self::Control { client, order } => control(f, client, order),
            Self::Links { cut, both, from, to } => {
                let (verb, ends) = (if *cut { "cut" } else { "mend" }, ["from", "to"]);
                let [one, other] = if *both { ["between", "and"] } else { ends };
                write!(f, "{verb} {one} {from} {other} {to}")
            }
            Self::Partition(sides) => {
                f.write_str("partition")?;
                for (number, side) in sides.iter().enumerate() {
                    write!(f, "{} {side}", if number > 0 { " |" } else { "" })?;
                }
                Ok(())
            }
            Self::Heal => f.write_str("heal"),
            Self::ClearRules => f.write_str("clear rules"),
            Self::Meddle { fault, which } => match fault {
                PacketFault::Drop => write!(f, "drop {which}"),
                PacketFault::Delay(by) => write!(f, "delay {which} by {by}"),
                PacketFault::Duplicate => write!(f, "duplicate {which}"),
                PacketFault::Deliver => write!(f, "deliver {which}"),
                PacketFault::Hold => write!(f, "hold {which}"),
            },
            Self::Rule { verdict, pattern, chance, end } => {
                f.write_str(match verdict {
                    Verdict::Drop => "drop ",
                    Verdict::Delay(_) => "delay ",
                    Verdict::Duplicate => "duplicate ",
                    Verdict::Hold => "hold ",
                })?;
                pattern.write(f, true)?;
                if let Verdict::Delay(latency) = verdict {
                    f.write_str(" by ")?;
                    takes(f, *latency)?;
                }
                if *chance < Ppm::ALWAYS {
                    f.write_str(" with chance ")?;
                    percent(f, *chance)?;
                }
                match end {
                    RuleEnd::Never => Ok(()),
                    RuleEnd::After(time) => write!(f, " for {time}"),
                    RuleEnd::At(at) => {
                        f.write_str(" until ")?;
                        moment(f, *at)
                    }
                }
            }
            Self::Set(list) => {
                for (number, assignment) in list.iter().enumerate() {
                    let before = if number > 0 { ", " } else { "set " };
                    write!(f, "{before}{assignment}")?;
                }
                Ok(())
            }
            Self::SlowDisk { group, times } => write!(f, "slow the disk of {group} by {times}"),
            Self::Clock { group, jump, drift } => {
                write!(f, "clock of {group}")?;
                jump.map_or(Ok(()), |jump| write!(f, " jumps {jump}"))?;
                f.write_str(if jump.is_some() && drift.is_some() { " and" } else { "" })?;
                drift.map_or(Ok(()), |drift| write!(f, " drifts {drift} ppm"))
            }
        }
    }
}
