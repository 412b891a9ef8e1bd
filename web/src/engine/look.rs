//! Looking: what the page draws, as the core has it, under the lens and the veil.

use std::rc::Rc;

use shardscope_core::history::{Callers, Record};
use shardscope_core::id::MutantId;
use shardscope_core::time::Instant;
use shardscope_core::view::{
    self, Cluster, Dock, Flight, Invariant, Plan, Ruling, Stage, Whereabouts,
};

use super::{Change, Dials, Engine};
use crate::words::Names;

/// Nobody answers for the controller.
const NO_CONTROLLER: &str = "No server of the controller runs: restart one.";

/// What is known of what the clients saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Some order explains it.
    SoFar,
    /// None does.
    Violated {
        /// The key.
        key: String,
    },
    /// So many events are not judged yet.
    Behind {
        /// How many.
        events: u64,
    },
}

impl Engine {
    /// The picture of a sharded store; none if there is one group only.
    pub(crate) fn cluster(&self) -> Option<Rc<Cluster>> {
        view::cluster(&self.timeline).map(Rc::new)
    }

    /// What a change of the configuration would do now, or one sentence why it would do nothing.
    pub(crate) fn plan(&self, change: Change) -> Result<Plan, String> {
        let command = change.command(self.timeline.scenario());
        let plan = view::plan(&self.timeline, &command).ok_or(NO_CONTROLLER)?;
        plan.map_err(|refusal| refusal.to_string())
    }

    /// Where a key is.
    pub(crate) fn whereabouts(&self, key: &str) -> Option<Whereabouts> {
        view::whereabouts(&self.timeline, key)
    }

    /// The picture of the moment.
    pub(crate) fn stage(&self) -> Rc<Stage> {
        Rc::new(self.lens.stage(view::stage_of(&self.timeline, self.lens.gid)))
    }

    /// The rule that is broken in this run.
    pub(crate) fn broken(&self) -> MutantId {
        let scenario = self.timeline.scenario();
        let controller = scenario.sharding.map(|sharding| sharding.controller_mutant);
        Some(scenario.mutant).filter(|id| *id != MutantId::Paper).or(controller).unwrap_or_default()
    }

    /// What everybody is called now, by the number in the world.
    pub(crate) fn names(&self) -> Names {
        self.lens.names.clone()
    }

    /// The messages in the air that concern the group.
    pub(crate) fn flights(&self) -> Vec<Flight> {
        self.lens.flights(view::flights(&self.timeline))
    }

    /// All messages in the air, between processes by their numbers in the world.
    pub(crate) fn all_flights(&self) -> Vec<Flight> {
        view::flights(&self.timeline)
    }

    /// What happened between two moments.
    pub(crate) fn dock(&self, from: Instant, to: Instant) -> Dock {
        let mut dock = view::dock(&self.timeline, from, to);
        view::place(&mut dock, &self.monitor, &self.timeline);
        let dock = self.lens.dock(dock);
        match self.veil() {
            Some(veil) => veil.dock(dock),
            None => dock,
        }
    }

    /// What is known, at the cursor, of what the clients saw.
    pub(crate) fn verdict(&self) -> Verdict {
        let now = self.step_number();
        match self.monitor.ruling(&self.timeline) {
            Ruling::Violated { key, step, .. } if step <= now => {
                Verdict::Violated { key: String::from(&*key) }
            }
            Ruling::Behind { events } => Verdict::Behind { events },
            _ => Verdict::SoFar,
        }
    }

    /// What the clients saw up to the cursor. The clients are numbered from 1, as on the stage.
    pub(crate) fn record(&self) -> Record {
        let (now, mut history) = (self.step_number(), self.timeline.chronicle().history.clone());
        history.truncate(history.partition_point(|event| event.step <= now));
        let mut record = Record { callers: Callers::Clients, ..Record::of(&history) };
        let servers = u64::from(self.timeline.scenario().server_count());
        for call in &mut record.calls {
            call.process = call.process.saturating_sub(servers) + 1;
        }
        record
    }

    /// What the clients do by themselves now.
    pub(crate) fn dials(&self) -> Dials {
        let mut nodes = self.timeline.world().nodes().iter();
        let client = nodes.find_map(|node| node.client());
        let usual = self.timeline.scenario().workload;
        Dials::of(client.map_or(&usual, |client| client.workload()))
    }

    /// The invariants and their state now.
    pub(crate) fn invariants(&self) -> Vec<Invariant> {
        let all = view::invariants(&self.timeline);
        match self.veil() {
            Some(veil) => veil.invariants(all),
            None => all,
        }
    }
}

#[cfg(test)]
mod tests {
    use shardscope_core::time::Duration;

    use super::*;
    use crate::engine::Setup;

    #[test]
    fn what_the_clients_saw_is_recorded_up_to_the_cursor_with_their_numbers() {
        let mut engine = Engine::new(Setup::usual(7).with("groups", "2").with("servers", "3"));
        let end = engine.now() + Duration::from_secs(3);
        while !engine.advance(end, 100_000) {}
        let whole = engine.record();
        let clients = engine.stage().clients.len() as u64 - 1;
        assert!(whole.calls.iter().all(|call| (1..=clients).contains(&call.process)));
        assert!(whole.calls.iter().any(|call| call.process == clients));
        assert_eq!(whole.callers.name(1), "Client 1");
        engine.seek(end - Duration::from_secs(1));
        let part = engine.record();
        assert!(!part.calls.is_empty() && part.calls.len() < whole.calls.len());
    }
}
