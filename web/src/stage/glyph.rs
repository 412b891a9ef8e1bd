//! The shape of each kind of message: heading right, around the origin, always with an arrowhead.

use shardscope_core::view::Shape;
use yew::{Html, classes, html};

use crate::decimal::tenths;

/// Half the length of a shape: where its arrowhead begins.
const fn reach(shape: Shape) -> i32 {
    match shape {
        Shape::PreVote | Shape::Vote | Shape::Heartbeat => 9,
        Shape::PreVoteReply | Shape::VoteReply | Shape::AppendReply | Shape::SnapshotReply => 6,
        Shape::Append => 11,
        Shape::Snapshot => 12,
        Shape::TimeoutNow => 10,
        Shape::Request => 8,
        Shape::Response => 7,
    }
}

const fn outline(shape: Shape) -> &'static str {
    match shape {
        Shape::PreVote | Shape::Vote => "M-9 0L0 -9 9 0 0 9z",
        Shape::PreVoteReply | Shape::VoteReply => "M-6 0L0 -6 6 0 0 6z",
        Shape::Append => {
            "M-9 -8h18a2 2 0 0 1 2 2v12a2 2 0 0 1 -2 2h-18a2 2 0 0 1 -2 -2v-12\
                          a2 2 0 0 1 2 -2z"
        }
        Shape::Heartbeat => "M-9 -2.5h18v5h-18z",
        Shape::AppendReply => "M-6 -4.5h12v9h-12z",
        Shape::Snapshot => "M-12 -10h24v20h-24zM-12 -4h24M-12 2h24",
        Shape::SnapshotReply => "M-6 -6h12v12h-12z",
        Shape::TimeoutNow => "M-9 7L-10 -7l5.5 4.5L0 -9l4.5 6.5L10 -7 9 7z",
        Shape::Request => "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z",
        Shape::Response => "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0z",
    }
}

const fn class(shape: Shape) -> &'static str {
    match shape {
        Shape::PreVote | Shape::PreVoteReply => "asks",
        Shape::Response => "answers",
        _ => "",
    }
}

/// Draws `shape`, turned by `heading` degrees. `number` stands upright on it.
pub(crate) fn glyph(shape: Shape, heading: f64, agrees: Option<bool>, number: Option<u32>) -> Html {
    let tip = reach(shape) + 3;
    let head = format!("M{tip} -4L{} 0L{tip} 4z", tip + 6);
    let yes = match agrees {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    // Long shapes lie along their way; a number stays upright.
    let upright = shape == Shape::Append || shape == Shape::Snapshot;
    let turn = format!("rotate({})", tenths(heading));
    html! {
        <g class={classes!("glyph", class(shape), yes)}>
            <path class="head" d={head} transform={turn.clone()} />
            <path class="body" d={outline(shape)} transform={(!upright).then_some(turn)} />
            if let Some(number) = number {
                <text class="count" y="4.5">{ number }</text>
            }
        </g>
    }
}
