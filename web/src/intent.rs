//! What a person can want: every button, key and palette entry sends one of these.

use shardscope_core::id::{Gid, MutantId, NodeId};
use shardscope_core::time::Instant;
use yew::Callback;

use crate::engine::{Change, Deed, Setup};
use crate::files::Given;

/// Where intents go.
pub(crate) type Send = Callback<Intent>;

/// One wish.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Intent {
    /// Play if paused, pause if playing.
    TogglePlay,
    /// To the next event.
    StepForward,
    /// To the event before.
    StepBack,
    /// Sets the speed, in hundredths of a power of ten.
    Speed(i32),
    /// Changes the speed by as much.
    Faster(i32),
    /// To a moment.
    Seek(Instant),
    /// Forth or back by microseconds.
    SeekBy(i64),
    /// To the end of the branch.
    Live,
    /// Shows more (positive) or less time in the dock.
    Zoom(i32),
    /// Does something to the world.
    Do(Deed),
    /// Cuts a link if it is whole, mends it if it is cut.
    Snip(NodeId, NodeId),
    /// Takes the scissors in hand, or lays them down.
    Scissors(bool),
    /// Plays backwards to a moment.
    Rewind(Instant),
    /// Says a sentence.
    Say(String),
    /// To before the last action.
    Undo,
    /// To after it again.
    Redo,
    /// To another branch.
    Switch(u32),
    /// Starts over.
    NewRun(Setup),
    /// Starts over with another seed.
    NewSeed,
    /// Starts over with one rule broken, or with all as the paper has them.
    Break(MutantId),
    /// Opens the inspector on something; closes it.
    Select(Option<Pick>),
    /// The keyboard roamed to something on the stage.
    Roam(Spot),
    /// Opens a dialog; closes it.
    Open(Option<Dialog>),
    /// Opens a server's menu at a place of the page.
    Menu(Option<(NodeId, f64, f64)>),
    /// Makes an address of this moment.
    Share,
    /// Opens one group of many; none: shows them all.
    Enter(Option<Gid>),
    /// Shows what a change of the configuration would do.
    Plan(Change),
    /// Looks for a key.
    Find(String),
    /// Switches the text view.
    TextView,
    /// Shows or hides heartbeats.
    Heartbeats,
    /// Another theme.
    Theme(Theme),
    /// Single keys act, or not.
    SingleKeys,
    /// Time passes faster while nothing happens, or not.
    Hurry,
    /// Another part of the page, on a phone.
    Tab(Tab),
    /// The scrubber is held.
    Scrubbing(bool),
    /// Opens the story of a script.
    Tell(String),
    /// Judges a file with what clients saw.
    Judge(Given),
    /// Says what is wrong with a script.
    Mistake(String),
    /// To the next beat of the story; false: to the one before.
    Beat(bool),
    /// Answers the story's question by a choice, from 0.
    Choose(usize),
    /// Closes the story; the run stays.
    CloseStory,
    /// Saves the run as a script.
    SaveRun,
    /// Saves the script of the story.
    SaveStory,
    /// Waits no longer for what the judge does.
    GiveUp,
}

/// What the inspector shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    /// A server.
    Server(NodeId),
    /// A client.
    Client(NodeId),
    /// The link between two servers, the lower number first.
    Link(NodeId, NodeId),
    /// A message, by its number.
    Message(u64),
    /// All messages in flight.
    Messages,
    /// An operation: who called, and when.
    Operation(NodeId, Instant),
}

/// What the keyboard is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// A server.
    Server(NodeId),
    /// The link between two servers, the lower number first.
    Link(NodeId, NodeId),
    /// A client.
    Client(NodeId),
}

impl From<Spot> for Pick {
    fn from(spot: Spot) -> Self {
        match spot {
            Spot::Server(id) => Self::Server(id),
            Spot::Link(a, b) => Self::Link(a, b),
            Spot::Client(id) => Self::Client(id),
        }
    }
}

/// A dialog over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    /// Everything that can be done.
    Palette,
    /// The list of keys.
    Keys,
    /// What a run is made of.
    Settings,
    /// Who can talk to whom.
    Partition,
    /// A client's operation.
    Operation,
    /// What the clients do by themselves.
    Workload,
    /// Which group holds what.
    Shards,
    /// The address of this moment.
    Share,
    /// All stories.
    Stories,
    /// The rules that can be broken.
    Rules,
    /// What the verdict rests on.
    Verdict,
    /// What is found out about a file with what clients saw.
    History,
}

/// Which colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the machine has it.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A part of the page on a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// Ring and clients.
    Stage,
    /// Logs and stores.
    Logs,
    /// The dock.
    History,
    /// The inspector.
    Inspect,
}
