//! A script made from a run that took place: from its settings, and from what was done when.
//!
//! Played, it is the same run, bit for bit. That is not hoped for: the run is made again while the
//! lines are written, and each line must give the very actions that it was made from.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Script;
use super::perform;
use super::resolve::Names;
use super::settings::{GROUPS, Part, Setting, Value};
use super::tree::{
    Assignment, Deed, Group, Kind, Line, Order, Pattern, RuleEnd, Statement, Verb, Which, Who,
};
use crate::controller;
use crate::id::{Gid, NodeId, NodeSet};
use crate::sim::action::{Action, PacketFault};
use crate::sim::network::Rule;
use crate::sim::report::Report;
use crate::sim::scenario::{Scenario, Sharding};
use crate::sim::timeline::Acted;
use crate::sim::world::World;
use crate::time::{Duration, Instant};

/// More actions than this are not looked at together for one line.
const MAX_TOGETHER: usize = 64;

/// A run that took place.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// What it was made from.
    pub scenario: &'a Scenario,
    /// What was done, in order, each with its step and its moment.
    pub acts: &'a [Acted],
    /// How many events it has, and the moment it ended, which is not before the last of them.
    pub end: (u64, Instant),
}

impl Script {
    /// The script of a run, with lines to follow behind its end. Played, it gives the same run.
    ///
    /// # Errors
    /// One sentence that says what a script cannot express, or that it would be too long.
    pub fn record(
        title: &str,
        run: Recorded<'_>,
        behind: impl IntoIterator<Item = Statement>,
    ) -> Result<Self, String> {
        let mut scribe = Scribe {
            world: World::new(Arc::new(run.scenario.clone())),
            report: Report::default(),
            now: Instant::ZERO,
            lines: heading(title, run.scenario),
        };
        let mut rest = run.acts;
        while let Some(first) = rest.first() {
            scribe.pass(first.step.saturating_sub(1), first.at)?;
            let taken = scribe.write(rest, run.end.1)?;
            rest = rest.get(taken..).unwrap_or_default();
        }
        scribe.pass(run.end.0, run.end.1)?;
        scribe.lines.extend(behind.into_iter().map(Line::Statement));
        if !scribe.lines.iter().any(|line| matches!(line, Line::Statement(_))) {
            // Nothing was done, and no time has passed.
            scribe.tell(Statement::AtStep(run.end.0));
        }
        let script =
            Self::of(&scribe.lines).map_err(|error| format!("Its script is refused: {error}"))?;
        if script.lines == scribe.lines && script.scenario.as_ref() == run.scenario {
            return Ok(script);
        }
        Err("A setting or a value of this run has no form in a script.".into())
    }
}

/// The lines before the story: only what is not as scripts have it anyway.
fn heading(title: &str, scenario: &Scenario) -> Vec<Line> {
    let mut lines = Vec::from([Line::Header, Line::Title(title.into()), Line::Blank]);
    lines.push(Line::Cluster);
    let mut usual = Setting::start();
    usual.sharding = scenario.sharding.map(|_| Sharding::default());
    for setting in Setting::ALL {
        // That there are groups is told by how many there are.
        let told = |value: &Value| setting.name == GROUPS || setting.value(&usual) != Some(*value);
        if let Some(value) = setting.value(scenario).filter(told) {
            lines.push(Line::Setting(Assignment { setting, value }));
        }
    }
    lines.extend([Line::Blank, Line::Story]);
    lines
}

/// Writes the lines of a run while it makes it again.
struct Scribe {
    world: World,
    report: Report,
    /// The moment that the script has reached.
    now: Instant,
    lines: Vec<Line>,
}

impl Scribe {
    fn tell(&mut self, statement: Statement) {
        self.lines.push(Line::Statement(statement));
    }

    /// Lets time pass up to a step and a moment.
    fn pass(&mut self, step: u64, at: Instant) -> Result<(), String> {
        let before = self.world.steps();
        while self.world.steps() < step && self.world.step_until(at, &mut self.report) {}
        if self.world.steps() != step || at < self.now {
            return Err(format!("This is no run: there is no step {step} at {at} s."));
        }
        if before == step && at == self.now {
            return Ok(());
        }
        // Another event may be due at this moment, for which the run did not wait.
        let due = self.world.next_at().is_some_and(|next| next <= at);
        if due && self.world.clone().step_until(at, &mut self.report) {
            if self.world.now() < at {
                return Err(format!("Something was passed over at {at} s: a script cannot do so."));
            }
            self.tell(Statement::AtStep(step));
        } else {
            self.tell(Statement::At(at));
        }
        self.now = at;
        Ok(())
    }

    /// Writes one line for the next action, or for several that were done at once; says how many.
    fn write(&mut self, acts: &[Acted], end: Instant) -> Result<usize, String> {
        let first = &acts[0];
        let alike = |(number, acted): &(u64, &Acted)| {
            acted.at == first.at
                && acted.step == first.step + number
                && core::mem::discriminant(&acted.action) == core::mem::discriminant(&first.action)
        };
        let together = (0..).zip(acts.iter().take(MAX_TOGETHER)).take_while(alike).count();
        // What is delivered must have arrived before that.
        let next = |taken: usize| acts.get(taken).map_or(end, |acted| acted.at);
        for taken in (1..=together).rev() {
            let (group, then) = (&acts[..taken], next(taken));
            if let Some(deed) = self.deeds(group, then).into_iter().find(|d| self.is(d, group)) {
                self.tell(Statement::Do(deed));
                for acted in group {
                    let done = self.world.act(acted.at, &acted.action, &mut self.report);
                    done.map_err(|refusal| format!("This is no run: {refusal}"))?;
                }
                return Ok(taken);
            }
        }
        Err(format!("A script cannot say this: {:?}.", first.action))
    }

    /// Whether a deed is these actions and no others.
    fn is(&self, deed: &Deed, acts: &[Acted]) -> bool {
        let made = perform::actions(deed, &self.world, self.now, &mut Names::default());
        made.is_ok_and(|made| made.iter().eq(acts.iter().map(|acted| &acted.action)))
    }

    /// What some actions of one kind may be called, the most readable first.
    fn deeds(&self, acts: &[Acted], then: Instant) -> Vec<Deed> {
        let each = |id: fn(&Action) -> Option<NodeId>| {
            let ids: Option<Vec<NodeId>> = acts.iter().map(|acted| id(&acted.action)).collect();
            self.group(ids.unwrap_or_default())
        };
        let verb = |verb| Vec::from([Deed::Each(verb, each(Action::node))]);
        let who = |id: NodeId| self.who(id);
        match &acts[0].action {
            Action::Crash(_) => verb(Verb::Crash),
            Action::Restart(_) => verb(Verb::Restart),
            Action::Wipe(_) => verb(Verb::Wipe),
            Action::Pause(_) => verb(Verb::Pause),
            Action::Resume(_) => verb(Verb::Resume),
            Action::Isolate(_) => verb(Verb::Isolate),
            Action::Campaign(id) => Vec::from([Deed::Elect(who(*id))]),
            Action::Transfer { from, to } => {
                Vec::from([Deed::Transfer { from: who(*from), to: who(*to) }])
            }
            Action::Invoke { client, command } => {
                Vec::from([Deed::Invoke { client: who(*client), command: command.clone() }])
            }
            Action::Propose { server, command } => {
                Vec::from([Deed::Propose { server: who(*server), command: command.clone() }])
            }
            Action::Control { client, command } => self.control(*client, command),
            Action::Cut { .. } => self.links(acts, true),
            Action::Mend { .. } => self.links(acts, false),
            Action::Partition(sides) => self.partition(sides),
            Action::Heal => Vec::from([Deed::Heal]),
            Action::ClearRules => Vec::from([Deed::ClearRules]),
            Action::Packet { id, fault } => self.meddle(*id, *fault, then),
            Action::AddRule(rule) => self.rule(rule),
            Action::SetNetwork(network) => {
                let now = perform::settings(&self.world);
                self.set(Part::Network, &Scenario { network: *network, ..now })
            }
            Action::SetWorkload(workload) => {
                let now = perform::settings(&self.world);
                self.set(Part::Workload, &Scenario { workload: *workload, ..now })
            }
            Action::SlowDisk { times, .. } => {
                Vec::from([Deed::SlowDisk { group: each(Action::node), times: *times }])
            }
            Action::SetClock { jump, drift, .. } => {
                let group = each(Action::node);
                let clock = |jump: Option<Duration>, drift| Deed::Clock {
                    group: group.clone(),
                    jump: jump.filter(|jump| *jump > Duration::ZERO),
                    drift,
                };
                let jumps = (*jump > Duration::ZERO).then(|| clock(Some(*jump), None));
                jumps.into_iter().chain([clock(Some(*jump), Some(*drift))]).collect()
            }
        }
    }

    fn who(&self, id: NodeId) -> Who {
        Who::of(self.world.scenario(), id)
    }

    fn group(&self, ids: impl IntoIterator<Item = NodeId>) -> Group {
        let scenario = self.world.scenario();
        let ids: Vec<NodeId> = ids.into_iter().collect();
        let (mut list, mut rest) = (Vec::new(), ids.as_slice());
        while let Some(first) = rest.first() {
            let group = scenario.sharding.and_then(|_| scenario.group_of(*first));
            let whole = group.filter(|group| {
                let mut ahead = rest.iter().copied();
                scenario.members(*group).all(|id| ahead.next() == Some(id))
            });
            let taken = whole.map_or(1, |group| scenario.members(group).len());
            list.push(whole.map_or_else(|| self.who(*first), Who::All));
            rest = rest.get(taken..).unwrap_or_default();
        }
        Group::Each(list)
    }

    /// What a client asks of the controller, as far as a script can name it.
    fn control(&self, client: NodeId, command: &controller::Command) -> Vec<Deed> {
        let scenario = self.world.scenario();
        let Some(sharding) = scenario.sharding else { return Vec::new() };
        let order = match command {
            controller::Command::Join(groups) => {
                Order::Join(groups.iter().map(|(gid, _)| *gid).collect())
            }
            controller::Command::Leave(groups) => Order::Leave(groups.clone()),
            controller::Command::Move { shard, to } => Order::Move { shard: *shard, to: *to },
            controller::Command::Query(number) => Order::Query(*number),
        };
        let known = |gid: &Gid| (1..=sharding.groups).contains(&gid.0);
        let sayable = match &order {
            Order::Join(groups) | Order::Leave(groups) => {
                !groups.is_empty() && groups.iter().all(known)
            }
            Order::Move { shard, to } => shard.0 < sharding.shards && known(to),
            Order::Query(_) => true,
        };
        let client = self.who(client);
        sayable.then_some(Deed::Control { client, order }).into_iter().collect()
    }

    /// Links that are cut or mended: from each of some to each of others, or between them.
    fn links(&self, acts: &[Acted], cut: bool) -> Vec<Deed> {
        let pair = |acted: &Acted| match acted.action {
            Action::Cut { from, to } | Action::Mend { from, to } => Some((from, to)),
            _ => None,
        };
        let pairs: Vec<(NodeId, NodeId)> = acts.iter().filter_map(pair).collect();
        let Some(&(first, _)) = pairs.first() else { return Vec::new() };
        let ahead = |of: NodeId| -> NodeSet {
            pairs.iter().filter(|(from, _)| *from == of).map(|(_, to)| *to).collect()
        };
        let from: NodeSet = pairs.iter().map(|(from, _)| *from).collect();
        let to: NodeSet = pairs.iter().map(|(_, to)| *to).collect();
        let (other, one) = (ahead(first), ahead(first).iter().next().map_or(from, ahead));
        let deed = |both, from: NodeSet, to: NodeSet| Deed::Links {
            cut,
            both,
            from: self.group(from.iter()),
            to: self.group(to.iter()),
        };
        let between = (!one.is_empty()).then(|| deed(true, one, other));
        [deed(false, from, to)].into_iter().chain(between).collect()
    }

    fn partition(&self, sides: &[NodeSet]) -> Vec<Deed> {
        let servers: NodeSet = self.world.scenario().server_ids().collect();
        let side = |side: &NodeSet| match side.is_empty() {
            true => Group::Nobody,
            false => self.group(side.iter()),
        };
        let named: Vec<Group> = sides.iter().map(side).collect();
        let mut with_rest = named.clone();
        // The last side, if it is servers only, is often what is left.
        if let (Some(last), Some(set)) = (with_rest.last_mut(), sides.last())
            && !set.is_empty()
            && set.without(servers).is_empty()
        {
            *last = Group::Rest;
        }
        Vec::from([Deed::Partition(with_rest), Deed::Partition(named)])
    }

    /// The oldest message of its kind, or the one with its number.
    fn meddle(&self, id: u64, fault: PacketFault, then: Instant) -> Vec<Deed> {
        let numbered = Deed::Meddle { fault, which: Which::Number(id) };
        // To be told by its kind, a message that is delivered needs a moment in which to arrive.
        let hurried = fault == PacketFault::Deliver && then <= self.now;
        let packet = self.world.packets().find(|packet| packet.label.id == id);
        let Some(packet) = packet.filter(|_| !hurried) else { return Vec::from([numbered]) };
        let label = &packet.label;
        let Some(kind) = Kind::ALL.iter().find(|kind| kind.is(label)) else {
            return Vec::from([numbered]);
        };
        let end = |id| Some(self.group([id]));
        let pattern = |held| Pattern { held, kind, from: end(label.from), to: end(label.to) };
        let the = |held| Deed::Meddle { fault, which: Which::The(pattern(held)) };
        let held = packet.place.is_none().then(|| the(true));
        [the(false)].into_iter().chain(held).chain([numbered]).collect()
    }

    fn rule(&self, rule: &Rule) -> Vec<Deed> {
        let Rule { from, to, shape, verdict, chance, until } = *rule;
        let named = |kind: &&Kind| kind.shape == shape && !kind.many.is_empty();
        let Some(kind) = Kind::ALL.iter().find(named) else { return Vec::new() };
        let group = |set: Option<NodeSet>| set.map(|set| self.group(set.iter()));
        let pattern = Pattern { held: false, kind, from: group(from), to: group(to) };
        let deed = |end| Deed::Rule { verdict, pattern: pattern.clone(), chance, end };
        let Some(until) = until else { return Vec::from([deed(RuleEnd::Never)]) };
        let lasts = until.since(self.now);
        let whole = lasts > Duration::ZERO && lasts.as_micros().is_multiple_of(1_000);
        let after = whole.then(|| deed(RuleEnd::After(lasts)));
        after.into_iter().chain([deed(RuleEnd::At(until))]).collect()
    }

    /// What changes; if nothing does, the first setting, to which it stays.
    fn set(&self, part: Part, wanted: &Scenario) -> Vec<Deed> {
        let now = perform::settings(&self.world);
        let rows = || Setting::ALL.iter().filter(|setting| setting.part == part);
        let assign = |setting: &'static Setting| {
            setting.value(wanted).map(|value| Assignment { setting, value })
        };
        let changed = rows().filter(|setting| setting.value(wanted) != setting.value(&now));
        let mut list: Vec<Assignment> = changed.filter_map(assign).collect();
        if list.is_empty() {
            list.extend(rows().next().and_then(assign));
        }
        Vec::from([Deed::Set(list)])
    }
}
