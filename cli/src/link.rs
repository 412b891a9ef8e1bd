//! Links to the page, both ways.

use shardscope_core::sim::link;
use shardscope_core::sim::timeline::Timeline;

use crate::end::Refusal;

/// Events that are played between two questions whether it is enough.
const PART: u32 = 1_000_000;

/// Whether a source is a link and no file.
pub(crate) fn is_link(source: &str) -> bool {
    source.contains("#run=") || source.starts_with("run=")
}

/// The run that a link leads to, at its moment.
pub(crate) fn open(source: &str) -> Result<Timeline, Refusal> {
    let opened = link::open(source).map_err(|wrong| Refusal(wrong.0))?;
    let mut replay = opened.replay();
    while !replay.advance(PART).map_err(|wrong| Refusal(wrong.0))? {}
    Ok(replay.into_timeline())
}

/// The address that shows a run on the page; or one sentence why there is none.
pub(crate) fn address(page: &str, timeline: &Timeline) -> Result<String, String> {
    let link = link::write(timeline, &[]).map_err(|wrong| wrong.0)?;
    Ok(format!("{page}#{link}"))
}
