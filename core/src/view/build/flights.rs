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
