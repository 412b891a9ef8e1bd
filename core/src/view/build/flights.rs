//! Messages in the air at a moment.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;

use crate::id::Term;
use crate::sim::Timeline;
use crate::sim::packet::{End, Label};
use crate::sim::trace::{self, What};
use crate::time::Duration;
use crate::view::{Fate, Flight};

/// A lost message is drawn for at most so long after it was sent.
const FADES: Duration = Duration::from_millis(500);
/// So many lines of the trace are searched for lost messages.
const SEARCHED: u64 = 2_000;

/// The messages in the air at the moment under the cursor, the lost ones included, by number.
pub fn flights(timeline: &Timeline) -> Vec<Flight> {
    let mut labels: Vec<Label> = timeline.world().packets().map(|packet| packet.label).collect();
    labels.extend(lost(timeline));
    // A heap, because `sort` is ten times its code, and this is no hot path.
    let order: BinaryHeap<_> = labels.iter().enumerate().map(|(n, label)| (label.id, n)).collect();
    order.into_sorted_vec().into_iter().map(|(_, n)| flight(&labels[n])).collect()
}

/// What the network lost or a cut stopped, as long as it would have been on its way.
fn lost(timeline: &Timeline) -> impl Iterator<Item = Label> {
    let (trace, now) = (&timeline.chronicle().trace, timeline.now());
    let step = timeline.step_number();
    let end = trace.partition_point(|line| line.step <= step);
    let lines = trace.range(end.saturating_sub(SEARCHED)..end).rev();
    let recent = lines.take_while(move |line| line.at + FADES > now);
    recent.filter_map(move |line| match line.what {
        What::Sent(label) if matches!(label.end, End::Lost | End::Cut) => {
            (label.sent <= now && now < label.arrives).then_some(label)
        }
        _ => None,
    })
}

fn flight(label: &Label) -> Flight {
    Flight {
        id: label.id,
        from: label.from,
        to: label.to,
        shape: label.shape,
        entries: label.entries,
        term: (label.term > Term(0)).then_some(label.term),
        agrees: label.agrees,
        sent: label.sent,
        arrives: label.arrives,
        fate: match label.end {
            End::Arrives => Fate::Arrives,
            End::Lost => Fate::Lost,
            End::Cut => Fate::Cut,
            End::Held => Fate::Held,
        },
        twin: label.twin,
        delayed: label.delayed,
        beat: label.beat,
        words: trace::words(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::NodeId;
    use crate::rng::Ppm;
    use crate::sim::packet::Shape;
    use crate::sim::{Action, Latency, Rule, Scenario, Verdict};
    use alloc::collections::{BTreeMap, BTreeSet};

    /// A run in which messages are lost, cut, copied, delayed and held.
    fn stormy() -> Timeline {
        let mut scenario = Scenario::new(5, 3, 2);
        scenario.network.loss = Ppm(200_000);
        scenario.network.duplicate = Ppm(100_000);
        let mut timeline = Timeline::new(scenario);
        let rule = |shape, verdict, chance| {
            let (from, to, until) = (None, None, None);
            Action::AddRule(Rule { from, to, shape: Some(shape), verdict, chance, until })
        };
        let slow = Verdict::Delay(Latency::Fixed(Duration::from_millis(700)));
        for action in [
            rule(Shape::Request, Verdict::Hold, Ppm(200_000)),
            rule(Shape::AppendReply, slow, Ppm(20_000)),
            Action::Isolate(NodeId(1)),
        ] {
            timeline.act(action).expect("it can be done");
        }
        timeline
    }

    #[test]
    fn what_is_in_the_air_was_sent_and_has_not_ended() {
        let mut timeline = stormy();
        let mut fates = BTreeMap::new();
        for _ in 0..150 {
            timeline.advance(timeline.now() + Duration::from_micros(7_777), u32::MAX);
            let (now, flights) = (timeline.now(), flights(&timeline));
            assert!(flights.is_sorted_by(|one, next| one.id < next.id), "by number, each once");
            let trace = &timeline.chronicle().trace;
            let sent = trace.range(trace.first()..trace.end()).filter_map(|line| match line.what {
                What::Sent(label) => Some((label, line.at + FADES > now)),
                _ => None,
            });
            let gone = |label: &Label| matches!(label.end, End::Lost | End::Cut);
            let fading = sent
                .filter(|(label, fresh)| gone(label) && *fresh && now < label.arrives)
                .map(|(label, _)| label);
            let packets = timeline.world().packets().map(|packet| packet.label);
            let labels: BTreeMap<u64, Label> =
                packets.chain(fading).map(|label| (label.id, label)).collect();
            let shown: BTreeSet<u64> = flights.iter().map(|flight| flight.id).collect();
            assert!(labels.keys().eq(&shown), "at {now} s");
            for flight in &flights {
                let label = &labels[&flight.id];
                assert_eq!((flight.from, flight.to), (label.from, label.to));
                assert_eq!((flight.sent, flight.arrives), (label.sent, label.arrives));
                assert_eq!((flight.shape, flight.beat), (label.shape, label.beat));
                let served = matches!(flight.shape, Shape::Request | Shape::Response);
                assert_eq!(flight.term, (!served).then_some(label.term), "{}", flight.words);
                let fate = match label.end {
                    End::Arrives => Fate::Arrives,
                    End::Lost => Fate::Lost,
                    End::Cut => Fate::Cut,
                    End::Held => Fate::Held,
                };
                assert_eq!(flight.fate, fate);
                *fates.entry(alloc::format!("{fate:?}")).or_insert(0) += 1;
            }
        }
        assert_eq!(fates.len(), 4, "{fates:?}");
    }

    #[test]
    fn looking_back_shows_what_was_in_the_air_then() {
        let mut timeline = stormy();
        timeline.advance(timeline.now() + Duration::from_millis(600), u32::MAX);
        let fades = |flight: &Flight| flight.fate == Fate::Lost;
        while !flights(&timeline).iter().any(fades) {
            assert!(timeline.step_forward());
        }
        let (then, step, seen) = (timeline.now(), timeline.step_number(), flights(&timeline));
        timeline.advance(then + Duration::from_millis(600), u32::MAX);
        timeline.seek_step(step);
        assert_eq!(flights(&timeline), seen);
    }
}
