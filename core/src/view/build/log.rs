//! The trace as text.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::sim::Timeline;

/// The trace's lines of a range of steps, as text in fixed columns, at most `most` of them: the
/// last ones.
pub fn events(timeline: &Timeline, steps: Range<u64>, most: u64) -> Vec<String> {
    let trace = &timeline.chronicle().trace;
    let first = trace.partition_point(|line| line.step < steps.start);
    let end = trace.partition_point(|line| line.step < steps.end);
    let first = first.max(end.saturating_sub(most));
    trace.range(first..end).map(|line| line.text(timeline.scenario())).collect()
}
