//! The settings form: texts that a person typed, and the scenario that they make.

use std::rc::Rc;

use shardscope_core::id::MutantId;
use shardscope_core::rng::Ppm;
use shardscope_core::sim::network::Latency;
use shardscope_core::sim::scenario::{Scenario, Sharding};
use shardscope_core::sim::workload::Pace;
use shardscope_core::time::Duration;

use super::fields::FIELDS;
use crate::{host, words};

/// Something wrong: the field's name, if it is about one, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The name of the field; empty if it is about none.
    pub(crate) field: &'static str,
    /// What is wrong, and how to mend it.
    pub(crate) sentence: String,
}

/// How often a group asks for the next configuration: at the page's speed, a few seconds.
const POLL: Duration = Duration::from_millis(30);

/// What a run is made of, as the settings form holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setup {
    values: Rc<Vec<String>>,
    /// Not in the form: the rule that is broken.
    broken: MutantId,
}

impl Setup {
    /// The usual run.
    pub(crate) fn usual(seed: u64) -> Self {
        let values = FIELDS.iter().map(|field| field.usual.to_owned()).collect();
        Self { values: Rc::new(values), broken: MutantId::Paper }.with("seed", &seed.to_string())
    }

    /// The run that the end of an address asks for (`#groups=3&seed=7`): any field of the form by
    /// its name. If something makes no sense, a sentence about it; where it cannot be, the usual
    /// run.
    pub(crate) fn asked(address: &str, seed: u64) -> (Self, Option<String>) {
        // A run has its settings in itself.
        let parts = address.trim_start_matches('#').split('&').filter(|part| !part.is_empty());
        let parts = parts.filter(|part| !part.starts_with("run="));
        let (mut asked, mut said) = (Vec::new(), None);
        for part in parts {
            let pair = part.split_once('=');
            match pair.filter(|(name, _)| FIELDS.iter().any(|field| field.name == *name)) {
                Some((name, value)) => asked.push((part, name, value)),
                None => said = Some(words::bad_address(part)),
            }
        }
        let mut setup = Self::usual(seed);
        if asked.iter().any(|(_, name, value)| *name == "groups" && *value != "0") {
            setup = setup.with("servers", "3").with("clients", "3");
        }
        let made = asked.iter().fold(setup, |setup, (_, name, value)| setup.with(name, value));
        let wrong = made.scenario().err().and_then(|wrong| wrong.into_iter().next());
        let Some(Wrong { field, sentence }) = wrong else { return (made, said) };
        let part =
            asked.iter().find(|(_, name, _)| *name == field).map_or(address, |(part, ..)| part);
        (Self::usual(seed), Some(words::bad_setting(part, &sentence)))
    }

    /// The texts that make a scenario, as far as the form has them.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let (raft, network) = (&scenario.raft, &scenario.network);
        let sharding = scenario.sharding.unwrap_or_default();
        let millis = |time: Duration| decimals(time.as_micros(), 3);
        let percent = |chance: Ppm| decimals(chance.0.into(), 4);
        let switch = |on: bool| on.to_string();
        let (quickest, slowest) = match network.latency {
            Latency::Uniform { min, max } => (min, max),
            Latency::Fixed(time) | Latency::LongTail { median: time } => (time, time),
        };
        let mut setup = Self::usual(scenario.seed);
        let mut set = |name: &str, text: String| setup = setup.with(name, &text);
        set("servers", scenario.servers.to_string());
        set("clients", scenario.clients.to_string());
        set("groups", scenario.sharding.map_or(0, |sharding| sharding.groups).to_string());
        set("shards", sharding.shards.to_string());
        set("heartbeat", millis(raft.heartbeat));
        set("election-min", millis(raft.election_min));
        set("election-max", millis(raft.election_max));
        set("latency-min", millis(quickest));
        set("latency-max", millis(slowest));
        set("loss", percent(network.loss));
        set("duplicates", percent(network.duplicate));
        set("reordered", percent(network.reorder));
        set("snapshot", scenario.snapshot_above.map_or("none".into(), |above| above.to_string()));
        set("pre-vote", switch(raft.pre_vote));
        set("check-quorum", switch(raft.check_quorum));
        set("sticky", switch(raft.sticky));
        set("read-index", switch(scenario.read_index));
        if let Latency::Fixed(time) = scenario.disk.write {
            set("disk", millis(time));
        }
        if let Pace::Closed { think } = scenario.workload.pace {
            set("pause", millis(think));
        }
        setup.breaking(scenario.mutant)
    }

    /// The same with another rule broken, or none.
    pub(crate) fn breaking(&self, broken: MutantId) -> Self {
        Self { broken, ..self.clone() }
    }

    /// The scenario that is always right.
    pub(super) fn fallback() -> Scenario {
        Scenario::new(1, 5, 2)
    }

    /// The same with one field changed.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut next = self.clone();
        if let Some(index) = FIELDS.iter().position(|field| field.name == name) {
            next.set(index, value.to_owned());
        }
        next
    }

    /// The text of a field.
    pub(crate) fn get(&self, index: usize) -> String {
        self.values.get(index).cloned().unwrap_or_default()
    }

    /// Changes a field.
    pub(crate) fn set(&mut self, index: usize, value: String) {
        if let Some(old) = Rc::make_mut(&mut self.values).get_mut(index) {
            *old = value;
        }
    }

    /// The scenario that the texts make, or everything that is wrong with them.
    pub(crate) fn scenario(&self) -> Result<Scenario, Vec<Wrong>> {
        let mut reader = Reader { setup: self, wrong: Vec::new() };
        let scenario = Scenario { mutant: self.broken, ..reader.read() };
        let mut wrong = reader.wrong;
        if wrong.is_empty() {
            let of = |setting: &str| FIELDS.iter().find(|field| field.setting == setting);
            wrong.extend(scenario.complaints().into_iter().map(|complaint| Wrong {
                field: of(complaint.setting).map_or("", |field| field.name),
                sentence: complaint.sentence,
            }));
        }
        if wrong.is_empty() { Ok(scenario) } else { Err(wrong) }
    }
}

/// How many keys the clients of several groups use: as many as it takes for each of three groups to
/// have something to do.
const KEYS: u16 = 8;

/// As many groups are drawn so that each can be told from the others.
const GROUPS: u16 = 8;

/// Reads the fields one by one and collects what is wrong.
struct Reader<'a> {
    setup: &'a Setup,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    fn read(&mut self) -> Scenario {
        let seed = self.whole("seed");
        let servers = self.whole("servers").min(u64::from(u16::MAX)) as u16;
        let clients = self.whole("clients").min(u64::from(u16::MAX)) as u16;
        let mut scenario = Scenario::new(seed, servers, clients);
        scenario.sharding = self.sharding();
        if scenario.sharding.is_some() {
            scenario.workload.keys = KEYS;
        }
        let raft = &mut scenario.raft;
        raft.election_min = self.millis("election-min");
        raft.election_max = self.millis("election-max");
        raft.heartbeat = self.millis("heartbeat");
        raft.pre_vote = self.switch("pre-vote");
        raft.check_quorum = self.switch("check-quorum");
        raft.sticky = self.switch("sticky");
        let (min, max) = (self.millis("latency-min"), self.millis("latency-max"));
        let network = &mut scenario.network;
        network.latency = Latency::Uniform { min, max };
        network.loss = self.percent("loss");
        network.duplicate = self.percent("duplicates");
        network.reorder = self.percent("reordered");
        network.reorder_by = max.times(4);
        scenario.disk.write = Latency::Fixed(self.millis("disk"));
        scenario.workload.pace = Pace::Closed { think: self.millis("pause") };
        let patience = &mut scenario.patience;
        patience.attempt = max.times(10).max(Duration::from_millis(1));
        patience.rest_min = max.times(2);
        patience.rest_max = max.times(4);
        scenario.read_index = self.switch("read-index");
        scenario.snapshot_above = self.maybe("snapshot");
        scenario
    }

    fn sharding(&mut self) -> Option<Sharding> {
        let least = |number: u64| number.min(u64::from(u16::MAX)) as u16;
        let groups = least(self.whole("groups"));
        if groups > GROUPS {
            let sentence = format!("The page has room for {GROUPS} groups: write 0 to {GROUPS}.");
            self.complain("groups", sentence);
        }
        let shards = least(self.whole("shards"));
        (groups > 0).then(|| Sharding { groups, shards, poll: POLL, ..Sharding::default() })
    }

    fn text(&self, name: &str) -> String {
        let index = FIELDS.iter().position(|field| field.name == name);
        index.map(|index| self.setup.get(index)).unwrap_or_default().trim().to_owned()
    }

    fn complain(&mut self, field: &'static str, sentence: String) {
        self.wrong.push(Wrong { field, sentence });
    }

    fn whole(&mut self, name: &'static str) -> u64 {
        let text = self.text(name);
        text.parse().unwrap_or_else(|_| {
            self.complain(name, refused(&text, "whole number from 0 up", "5, for example"));
            0
        })
    }

    fn maybe(&mut self, name: &'static str) -> Option<u64> {
        let text = self.text(name);
        (!matches!(text.as_str(), "" | "none")).then(|| self.whole(name))
    }

    fn number(&mut self, name: &'static str) -> f64 {
        let text = self.text(name);
        host::number(&text).unwrap_or_else(|| {
            self.complain(name, refused(&text, "number from 0 up", "5 or 0.5"));
            0.0
        })
    }

    fn millis(&mut self, name: &'static str) -> Duration {
        // The core says what is too long; here it only has to fit.
        Duration::from_micros((self.number(name) * 1_000.0).round().min(1e15) as u64)
    }

    fn percent(&mut self, name: &'static str) -> Ppm {
        let percent = self.number(name);
        if percent > 100.0 {
            let text = self.text(name);
            let sentence = format!("{text} % is more than always: choose 0 to 100.");
            self.complain(name, sentence);
        }
        Ppm((percent.min(100.0) * 10_000.0).round() as u32)
    }

    fn switch(&mut self, name: &'static str) -> bool {
        let text = self.text(name);
        text.parse().unwrap_or_else(|_| {
            self.complain(name, refused(&text, "switch", "true or false"));
            false
        })
    }
}

/// A number of so many decimals, without the zeros at its end.
fn decimals(number: u64, places: u32) -> String {
    let one = 10_u64.pow(places);
    let (whole, rest) = (number / one, number % one);
    let text = format!("{whole}.{rest:0>places$}", places = places as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Why what was typed is not what the field holds, and what to write.
fn refused(text: &str, what: &str, write: &str) -> String {
    if text.is_empty() {
        return format!("The field is empty: write {write}.");
    }
    format!("\"{}\" is no {what}: write {write}.", words::short(text, 24))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_run_can_be_run() {
        assert!(Setup::usual(3).scenario().is_ok());
    }

    #[test]
    fn an_address_asks_for_any_setting_and_what_cannot_be_is_said() {
        let (setup, said) = Setup::asked("#groups=2&clients=4&seed=7&loss=1.5&read-index=false", 1);
        let scenario = setup.scenario().expect("all of it can be");
        assert_eq!((said, scenario.servers, scenario.clients, scenario.seed), (None, 3, 4, 7));
        assert_eq!((scenario.network.loss, scenario.read_index), (Ppm(15_000), false));
        assert_eq!(scenario.sharding.map(|sharding| sharding.groups), Some(2));
        let both = Setup::asked("#election-min=300&election-max=500", 1);
        assert_eq!(both.1, None, "only together do they make sense");
        assert_eq!(Setup::asked("#run=abc", 9), (Setup::usual(9), None));
        for (address, says) in [
            ("#seed=4.1", "asks for seed=4.1. \"4.1\" is no whole number"),
            ("#groups=9", "asks for groups=9. The page has room for 8 groups"),
            ("#groups=three&seed=3", "asks for groups=three. \"three\" is no whole number"),
            ("#pre-vote=yes", "asks for pre-vote=yes. \"yes\" is no switch: write true or false."),
            ("#groups=2&shards=0", "asks for shards=0. "),
            ("#seed=3&color=red", "ends in \"#color=red\", which means nothing here"),
            ("#seed", "ends in \"#seed\", which means nothing here"),
            ("#election-min=300", "asks for election-min=300. "),
        ] {
            let (setup, said) = Setup::asked(address, 9);
            assert!(setup.scenario().is_ok(), "{address}");
            assert!(said.as_ref().is_some_and(|said| said.contains(says)), "{address}: {said:?}");
        }
    }

    #[test]
    fn each_bad_text_gets_one_sentence_at_its_field() {
        for (name, value) in [
            ("servers", "0"),
            ("servers", "10"),
            ("servers", "-1"),
            ("servers", "many"),
            ("clients", "99999999999999999999"),
            ("seed", "1.5"),
            ("heartbeat", "200"),
            ("heartbeat", "0"),
            ("heartbeat", "NaN"),
            ("election-min", "inf"),
            ("election-min", "500"),
            ("election-max", "1e300"),
            ("latency-min", "50"),
            ("loss", "101"),
            ("loss", "-1"),
            ("loss", "1e999"),
            ("snapshot", "0"),
            ("disk", ""),
        ] {
            let wrong = Setup::usual(1).with(name, value).scenario().unwrap_err();
            assert_eq!(wrong.len(), 1, "{name} = {value}: {wrong:?}");
            assert!(wrong[0].sentence.ends_with('.'), "{}", wrong[0].sentence);
        }
    }

    #[test]
    fn texts_are_made_from_what_they_make() {
        let some = [("groups", "2"), ("loss", "1.25"), ("disk", "0.05"), ("snapshot", "none")];
        let other = [("latency-min", "0.001"), ("pause", "100"), ("sticky", "false")];
        for changes in [&[][..], &some, &other] {
            let set = |setup: Setup, (name, value): &(&str, &str)| setup.with(name, value);
            let setup = changes.iter().fold(Setup::usual(9), set);
            assert_eq!(Setup::of(&setup.scenario().unwrap()), setup);
        }
    }

    #[test]
    fn a_limit_may_be_none_but_a_seed_must_be_written() {
        for text in ["", "none", " none "] {
            let scenario = Setup::usual(1).with("snapshot", text).scenario();
            assert_eq!(scenario.map(|scenario| scenario.snapshot_above), Ok(None), "{text}");
        }
        let said = |name, text| {
            Setup::usual(1).with(name, text).scenario().unwrap_err().remove(0).sentence
        };
        assert_eq!(said("seed", ""), "The field is empty: write 5, for example.");
        assert_eq!(said("disk", "x"), "\"x\" is no number from 0 up: write 5 or 0.5.");
        assert!(said("snapshot", "0").ends_with("or none."));
        assert!(said("heartbeat", "500").contains("500 ms,"));
    }
}
