//! The icons: 20 by 20, 1.5-pixel round strokes, drawn for this page.

use yew::{Html, html};

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// Go.
    Play,
    /// Stand still.
    Pause,
    /// One event on.
    Forth,
    /// One event back.
    Back,
    /// To the head of time.
    Live,
    /// A fork of history.
    Branch,
    /// Undo.
    Undo,
    /// Redo.
    Redo,
    /// All is well.
    Check,
    /// Something is broken or shut.
    Cross,
    /// A bolt: crash.
    Crash,
    /// A turning arrow: restart.
    Restart,
    /// Scissors: cut.
    Cut,
    /// A joined link: heal.
    Heal,
    /// A raised hand: stand for election.
    Elect,
    /// A disk.
    Disk,
    /// A gear of settings.
    Settings,
    /// A die: another seed.
    Seed,
    /// A table: text view.
    Table,
    /// Keys of a keyboard.
    Keys,
    /// Half-dark disc: theme.
    Theme,
    /// An envelope: messages.
    Messages,
    /// A pen: an operation.
    Write,
    /// A divided ring: partition.
    Partition,
    /// A clock.
    Clock,
    /// Two sheets: duplicate.
    Twin,
    /// A heart-beat.
    Beat,
    /// Nearer.
    Plus,
    /// Farther.
    Minus,
    /// A magnifier: find an action.
    Find,
    /// A ring of servers.
    Ring,
    /// Rows of cells.
    Rows,
    /// Three bars: menu.
    Menu,
    /// An open book: stories.
    Book,
}

const fn path(icon: Icon) -> &'static str {
    match icon {
        Icon::Play => "M7 4.5v11l8.5-5.5z",
        Icon::Pause => "M7 4.5v11M13 4.5v11",
        Icon::Forth => "M5 5v10l7-5zM15 5v10",
        Icon::Back => "M15 5v10l-7-5zM5 5v10",
        Icon::Live => "M4 5v10l6-5zM10 5v10l6-5z",
        Icon::Branch => {
            "M6 7v6M6 13a2 2 0 1 0 .01 0M6 3a2 2 0 1 0 .01 0M14 5a2 2 0 1 0 .01 0\
                         M14 9c0 3-8 1-8 4"
        }
        Icon::Undo => "M4.5 8H12a4 4 0 0 1 0 8H8M7.5 5l-3 3 3 3",
        Icon::Redo => "M15.5 8H8a4 4 0 0 0 0 8h4M12.5 5l3 3-3 3",
        Icon::Check => "M4 10.5l4 4 8-9",
        Icon::Cross => "M5 5l10 10M15 5L5 15",
        Icon::Crash => "M11 2.5L5 11h4.5L8.5 17.5 15 8.5h-4.5z",
        Icon::Restart => "M15.5 10a5.5 5.5 0 1 1-2-4.2M14 2.5v3.5h-3.5",
        Icon::Cut => {
            "M6 12.5a2 2 0 1 0 .01 0M14 12.5a2 2 0 1 0 .01 0M7.2 12.8L13 3.5\
                      M12.8 12.8L7 3.5"
        }
        Icon::Heal => {
            "M8.5 11.5l3-3M9 6.5l2-2a3.2 3.2 0 0 1 4.5 4.5l-2 2\
                       M11 13.5l-2 2a3.2 3.2 0 0 1-4.5-4.5l2-2"
        }
        Icon::Elect => "M3.5 11h13v5.5h-13zM7 11V3.5h6V11M8.5 7l1 1 2-2",
        Icon::Disk => {
            "M4 5.5c0-1.4 2.7-2.5 6-2.5s6 1.1 6 2.5-2.7 2.5-6 2.5-6-1.1-6-2.5z\
                       M4 5.5v9c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5v-9M4 10c0 1.4 2.7 2.5 6 2.5\
                       s6-1.1 6-2.5"
        }
        Icon::Settings => {
            "M3.5 6h5M12.5 6h4M3.5 14h4M11.5 14h5M10.5 4a2 2 0 1 0 .01 0\
                           M9.5 12a2 2 0 1 0 .01 0"
        }
        Icon::Seed => {
            "M4 4h12v12H4zM7.5 7.5h.01M12.5 7.5h.01M10 10h.01M7.5 12.5h.01\
                       M12.5 12.5h.01"
        }
        Icon::Table => "M3.5 4.5h13v11h-13zM3.5 8h13M8 8v7.5",
        Icon::Keys => "M3 5.5h14v9H3zM6 8.5h.01M9 8.5h.01M12 8.5h.01M14.5 8.5h.01M7 11.5h6",
        Icon::Theme => {
            "M10 3.5a6.5 6.5 0 1 0 .01 0M10 3.5v13M10 7l4.5-1.5M10 11h6.3\
                        M10 15l3.5 .5"
        }
        Icon::Messages => "M3.5 5.5h13v9h-13zM3.5 6l6.5 5 6.5-5",
        Icon::Write => "M4 16l.8-3.5L13.5 3.8l2.7 2.7-8.7 8.7z",
        Icon::Partition => {
            "M8 3.8a6.5 6.5 0 0 0 0 12.4M12 3.8a6.5 6.5 0 0 1 0 12.4\
                            M10 2.5v2.5M10 8.5v3M10 15v2.5"
        }
        Icon::Clock => "M10 3.5a6.5 6.5 0 1 0 .01 0M10 6.5V10l2.5 1.5",
        Icon::Twin => "M7.5 7.5h8.5v8.5H7.5zM4 12.5V4h8.5",
        Icon::Beat => "M3 10.5h3.5l2-5 3 9 2-4H17",
        Icon::Plus => "M10 4.5v11M4.5 10h11",
        Icon::Minus => "M4.5 10h11",
        Icon::Find => "M9 4a5 5 0 1 0 .01 0M12.6 12.6l3.9 3.9",
        Icon::Ring => {
            "M10 3a2 2 0 1 0 .01 0M4.5 12a2 2 0 1 0 .01 0M15.5 12a2 2 0 1 0 .01 0\
                       M9 6.7l-3.5 5.5M11 6.7l3.5 5.5M6.5 14h7"
        }
        Icon::Rows => "M3.5 5h3v3h-3zm5 0h3v3h-3zm5 0h3v3h-3zm-10 7h3v3h-3zm5 0h3v3h-3z",
        Icon::Menu => "M4 6h12M4 10h12M4 14h12",
        Icon::Book => "M10 16V5.5C8 4 5 4 3 4v11c2 0 5 0 7 1 2-1 5-1 7-1V4c-2 0-5 0-7 1.5",
    }
}

/// Draws `icon`; what it means must be said beside it.
pub(crate) fn icon(icon: Icon) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <path d={path(icon)} />
        </svg>
    }
}

/// The outline of the crown, for the leader's disc.
pub(crate) const CROWN: &str = "M-8 5L-8.5 -4l4.5 3.5L0 -6l4 5.5L8.5 -4 8 5z";
