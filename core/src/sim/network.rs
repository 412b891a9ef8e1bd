//! The network: latency, loss, copies, cuts and rules. All of it is data.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::packet::Shape;
use super::scenario::{limited, probable};
use crate::id::{NodeId, NodeSet};
use crate::rng::{Ppm, Rng};
use crate::time::{Duration, Instant};

/// How messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Network {
    /// How long a message is on its way.
    pub latency: Latency,
    /// How likely it is lost.
    pub loss: Ppm,
    /// How likely a copy of it arrives as well.
    pub duplicate: Ppm,
    /// How likely it is held up, so that later ones overtake it.
    pub reorder: Ppm,
    /// How long at most it is held up then.
    pub reorder_by: Duration,
}

impl Default for Network {
    fn default() -> Self {
        let (min, max) = (Duration::from_millis(1), Duration::from_millis(10));
        Self {
            latency: Latency::Uniform { min, max },
            loss: Ppm::NEVER,
            duplicate: Ppm::NEVER,
            reorder: Ppm::NEVER,
            reorder_by: Duration::from_millis(100),
        }
    }
}

/// How long something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Latency {
    /// Always the same.
    Fixed(Duration),
    /// Anything between, each as likely.
    Uniform {
        /// The least.
        min: Duration,
        /// The most.
        max: Duration,
    },
    /// Mostly near the median, now and then up to twenty times as long.
    LongTail {
        /// Half of all take at most this long.
        median: Duration,
    },
}

/// The long tail's quantiles in thousandths of the median, at every sixteenth.
const TAIL: [u64; 17] = [
    500, 640, 710, 770, 820, 870, 910, 960, 1_000, 1_050, 1_110, 1_180, 1_270, 1_400, 1_650, 2_300,
    20_000,
];

impl Latency {
    pub(super) fn draw(self, lane: &mut Rng) -> Duration {
        match self {
            Self::Fixed(duration) => duration,
            Self::Uniform { min, max } => lane.between(min, max),
            Self::LongTail { median } => {
                let (place, part) = (lane.below(16) as usize, lane.below(1_000));
                let (low, high) = (TAIL[place], TAIL[place + 1]);
                let thousandths = low + (high - low) * part / 1_000;
                Duration::from_micros(median.as_micros().saturating_mul(thousandths) / 1_000)
            }
        }
    }

    pub(super) fn complain(
        self,
        demand: &mut dyn FnMut(bool, &'static str, String),
        setting: &'static str,
    ) {
        let longest = match self {
            Self::Fixed(duration) => duration,
            Self::LongTail { median } => median,
            Self::Uniform { min, max } => {
                let sentence = alloc::format!(
                    "The shortest time, {min}, is longer than the longest, {max}: swap them."
                );
                demand(min <= max, setting, sentence);
                max
            }
        };
        limited(demand, setting, longest);
    }
}

impl Network {
    /// Whether every message arrives once, and none is held up.
    fn is_reliable(&self) -> bool {
        [self.loss, self.duplicate, self.reorder] == [Ppm::NEVER; 3]
    }

    /// Draws what goes wrong. All is drawn whatever the chances, so that a change of one of them
    /// shifts no other draw. The lane is for nothing else, so a reliable network need not draw.
    fn disturb(&self, lane: &mut Rng, fate: &mut Fate) {
        fate.lost = lane.chance(self.loss);
        fate.delayed = lane.chance(self.reorder);
        let copied = lane.chance(self.duplicate);
        let twin = self.latency.draw(lane) + Duration::from_micros(1);
        let extra = lane.between(Duration::ZERO, self.reorder_by);
        if fate.delayed {
            fate.takes = fate.takes + extra;
        }
        fate.twin = copied.then_some(twin);
    }

    pub(super) fn complain(&self, demand: &mut dyn FnMut(bool, &'static str, String)) {
        self.latency.complain(demand, "latency");
        probable(demand, "loss", self.loss);
        probable(demand, "duplication", self.duplicate);
        probable(demand, "re-ordering", self.reorder);
        limited(demand, "re-ordering delay", self.reorder_by);
    }
}

/// A fault of the network: what happens to some messages for some time. The first rule that
/// matches a message decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// Messages from these; none: from anyone.
    pub from: Option<NodeSet>,
    /// Messages to these; none: to anyone.
    pub to: Option<NodeSet>,
    /// Messages of this kind; none: of any.
    pub shape: Option<Shape>,
    /// What happens to them.
    pub verdict: Verdict,
    /// How likely.
    pub chance: Ppm,
    /// When it ends; none: when it is taken away.
    pub until: Option<Instant>,
}

/// What a rule does to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// It is lost.
    Drop,
    /// It takes longer by this.
    Delay(Latency),
    /// A copy arrives as well.
    Duplicate,
    /// It waits until it is released.
    Hold,
}

/// What stops every message on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The link is cut.
    Cut,
    /// A rule drops or holds each one.
    Rule,
    /// The network loses everything.
    Loss,
}

impl Rule {
    /// Whether it is about a message that is sent now.
    fn applies(&self, now: Instant, from: NodeId, to: NodeId, shape: Shape) -> bool {
        self.from.is_none_or(|set| set.contains(from))
            && self.to.is_none_or(|set| set.contains(to))
            && self.shape.is_none_or(|kind| kind == shape)
            && self.until.is_none_or(|until| now < until)
    }

    pub(super) fn complain(&self, demand: &mut dyn FnMut(bool, &'static str, String)) {
        probable(demand, "rule", self.chance);
        if let Verdict::Delay(latency) = self.verdict {
            latency.complain(demand, "rule");
        }
    }
}

/// What becomes of a message, decided when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) takes: Duration,
    pub(super) lost: bool,
    pub(super) cut: bool,
    pub(super) held: bool,
    pub(super) delayed: bool,
    /// A copy arrives after this time.
    pub(super) twin: Option<Duration>,
}

/// The network's present state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) network: Network,
    pub(super) rules: Vec<Rule>,
    /// By sender: who receives nothing from it.
    cuts: Vec<NodeSet>,
    /// How many messages each link has carried, by sender and receiver.
    sent: Vec<u64>,
}

/// The lanes of the network: for latencies, for the rules, and for what goes wrong by itself.
const LANES: [u64; 3] = [0x6c69_6e6b, 0x7275_6c65, 0x6661_756c];

impl Links {
    pub(super) fn new(network: Network, nodes: usize) -> Self {
        let (cuts, sent) = (vec![NodeSet::EMPTY; nodes], vec![0; nodes * nodes]);
        Self { network, rules: Vec::new(), cuts, sent }
    }

    pub(super) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts.get(usize::from(from.0)).is_some_and(|cuts| cuts.contains(to))
    }

    /// The links that let nothing through, in order.
    pub(super) fn cuts(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        let from = (0..).map(NodeId);
        from.zip(&self.cuts).flat_map(|(from, to)| to.iter().map(move |to| (from, to)))
    }

    pub(super) fn cut(&mut self, from: NodeId, to: NodeId, cut: bool) {
        if let Some(cuts) = self.cuts.get_mut(usize::from(from.0)) {
            if cut { cuts.insert(to) } else { cuts.remove(to) }
        }
    }

    /// What stops every message of a kind on a link until somebody changes that; none: some get
    /// through, or will. A rule that ends by itself stops nothing for good.
    pub(super) fn stops(
        &self,
        now: Instant,
        from: NodeId,
        to: NodeId,
        shape: Shape,
    ) -> Option<Stop> {
        if self.is_cut(from, to) {
            return Some(Stop::Cut);
        }
        if self.network.loss >= Ppm::ALWAYS {
            return Some(Stop::Loss);
        }
        let rule = self.rules.iter().find(|rule| rule.applies(now, from, to, shape))?;
        let stops = matches!(rule.verdict, Verdict::Drop | Verdict::Hold) && rule.until.is_none();
        (stops && rule.chance >= Ppm::ALWAYS).then_some(Stop::Rule)
    }

    /// Decides what becomes of the next message on a link, by (seed, link, number of the message)
    /// and by the rules, which draw from a lane of their own.
    pub(super) fn fate(
        &mut self,
        seed: u64,
        now: Instant,
        from: NodeId,
        to: NodeId,
        shape: Shape,
    ) -> Fate {
        let link = usize::from(from.0) * self.cuts.len() + usize::from(to.0);
        let number = self.sent.get_mut(link).map_or(0, |sent| {
            *sent += 1;
            *sent
        });
        let key = [seed, LANES[0], link as u64, number];
        let mut lane = Rng::keyed(&key);
        let takes = self.network.latency.draw(&mut lane) + Duration::from_micros(1);
        let cut = self.is_cut(from, to);
        let mut fate = Fate { takes, lost: false, cut, held: false, delayed: false, twin: None };
        if !self.network.is_reliable() {
            // A lane of its own: how many numbers a latency takes depends on its kind.
            let mut lane = Rng::keyed(&[key[0], LANES[2], key[2], key[3]]);
            self.network.disturb(&mut lane, &mut fate);
        }
        if !self.rules.is_empty() {
            let mut lane = Rng::keyed(&[key[0], LANES[1], key[2], key[3]]);
            self.apply_rules(now, from, to, shape, &mut lane, &mut fate);
        }
        fate
    }

    fn apply_rules(
        &self,
        now: Instant,
        from: NodeId,
        to: NodeId,
        shape: Shape,
        lane: &mut Rng,
        fate: &mut Fate,
    ) {
        let mut rules = self.rules.iter();
        let Some(rule) = rules.find(|rule| rule.applies(now, from, to, shape)) else { return };
        if !lane.chance(rule.chance) {
            return;
        }
        match rule.verdict {
            Verdict::Drop => (fate.lost, fate.twin) = (true, None),
            Verdict::Hold => (fate.held, fate.twin) = (true, None),
            Verdict::Duplicate => {
                let twin = self.network.latency.draw(lane) + Duration::from_micros(1);
                fate.twin = fate.twin.or(Some(twin));
            }
            Verdict::Delay(latency) => {
                fate.takes = fate.takes + latency.draw(lane);
                fate.delayed = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(links: &mut Links, from: u16, to: u16, count: usize) -> Vec<Fate> {
        let (from, to) = (NodeId(from), NodeId(to));
        (0..count).map(|_| links.fate(9, Instant::ZERO, from, to, Shape::Append)).collect()
    }

    fn lossy() -> Network {
        let half = Ppm(500_000);
        Network { loss: half, duplicate: half, reorder: half, ..Network::default() }
    }

    #[test]
    fn a_fault_on_one_link_changes_no_draw_on_another() {
        let mut plain = Links::new(lossy(), 3);
        let mut faulty = plain.clone();
        faulty.cut(NodeId(0), NodeId(1), true);
        let rule = Rule {
            from: Some(NodeSet::from_iter([NodeId(0)])),
            to: None,
            shape: None,
            verdict: Verdict::Drop,
            chance: Ppm(300_000),
            until: None,
        };
        faulty.rules.push(rule);
        assert_eq!(fates(&mut plain, 1, 2, 50), fates(&mut faulty, 1, 2, 50));
        let mut cut = fates(&mut faulty, 0, 1, 50);
        assert!(cut.iter().all(|fate| fate.cut));
        let whole = fates(&mut plain, 0, 1, 50);
        for (cut, whole) in cut.iter_mut().zip(&whole) {
            assert_eq!(cut.takes, whole.takes, "the link's own draws stay as they were");
            assert!(cut.lost || !whole.lost);
        }
    }

    #[test]
    fn another_latency_changes_no_other_draw() {
        let kinds = [
            Latency::Fixed(Duration::from_millis(3)),
            Latency::Uniform { min: Duration::ZERO, max: Duration::from_millis(9) },
            Latency::LongTail { median: Duration::from_millis(5) },
        ];
        let drawn = kinds.map(|latency| {
            let mut links = Links::new(Network { latency, ..lossy() }, 3);
            let fates = fates(&mut links, 0, 1, 100);
            fates.iter().map(|fate| (fate.lost, fate.delayed, fate.twin.is_some())).collect()
        });
        let [fixed, uniform, tail]: [Vec<_>; 3] = drawn;
        assert_eq!(fixed, uniform);
        assert_eq!(fixed, tail);
    }

    #[test]
    fn what_a_rule_drops_or_holds_sends_no_copy() {
        for verdict in [Verdict::Drop, Verdict::Hold] {
            let mut links = Links::new(lossy(), 3);
            let (chance, until) = (Ppm::ALWAYS, None);
            links.rules = vec![Rule { from: None, to: None, shape: None, verdict, chance, until }];
            assert!(fates(&mut links, 0, 1, 50).iter().all(|fate| fate.twin.is_none()));
        }
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let rule = |verdict, from: u16| Rule {
            from: Some(NodeSet::from_iter([NodeId(from)])),
            to: None,
            shape: Some(Shape::Append),
            verdict,
            chance: Ppm::ALWAYS,
            until: Some(Instant::from_micros(100)),
        };
        let mut links = Links::new(Network::default(), 3);
        links.rules = vec![rule(Verdict::Hold, 0), rule(Verdict::Drop, 0), rule(Verdict::Drop, 1)];
        let one = |links: &mut Links, from, at, shape| {
            links.fate(1, Instant::from_micros(at), NodeId(from), NodeId(2), shape)
        };
        let held = one(&mut links, 0, 0, Shape::Append);
        assert!(held.held && !held.lost);
        assert!(one(&mut links, 1, 0, Shape::Append).lost);
        assert!(!one(&mut links, 1, 0, Shape::Vote).lost, "another kind");
        assert!(!one(&mut links, 1, 100, Shape::Append).lost, "the rule has ended");
    }

    #[test]
    fn the_long_tail_has_its_median_and_its_tail() {
        let latency = Latency::LongTail { median: Duration::from_millis(10) };
        let mut lane = Rng::keyed(&[5]);
        let mut drawn: Vec<u64> = (0..4_001).map(|_| latency.draw(&mut lane).as_micros()).collect();
        drawn.sort();
        assert!((9_500..10_500).contains(&drawn[2_000]), "median {}", drawn[2_000]);
        assert!(drawn[4_000] > 150_000 && drawn[4_000] <= 200_000, "longest {}", drawn[4_000]);
        assert!(drawn[0] >= 5_000);
    }
}
