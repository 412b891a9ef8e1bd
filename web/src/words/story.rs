//! Stories in words.

use crate::engine::What;
use crate::story::Telling;

/// Before the next beat, while an answer is awaited.
pub(crate) const CHOOSE_FIRST: &str =
    "Choose an answer first: then the run shows whether it is right.";
/// Behind the last beat.
pub(crate) const NO_MORE: &str = "The story ends here. The run is yours: act, or close the story.";
/// Before the first beat.
pub(crate) const NO_LESS: &str = "The story begins here.";
/// The story's branch had to make room.
pub(crate) const GONE: &str =
    "You made so many branches that the story's own is kept no more: open the story again.";
/// A file that could not be read.
pub(crate) const UNREADABLE: &str = "That file could not be read: try another one.";
/// A file that could not be saved.
pub(crate) const UNSAVED: &str = "This browser does not let the page save a file.";
/// The list of stories is not there.
pub(crate) const NO_LIST: &str =
    "The list of stories could not be fetched. Open a script file of your own, or try again.";
/// While the judge is fetched.
pub(crate) const FETCHED: &str = "The part of the page that knows scripts is being fetched.";
/// While a script is played.
pub(crate) const JUDGED: &str = "The script is played to its end, out of sight.";
/// While a script is written.
pub(crate) const RECORDED: &str = "The run is being written as a script.";
/// While a history is judged.
pub(crate) const WEIGHED: &str = "The judge looks for an order that explains everything.";
/// The judge cannot be fetched.
pub(crate) const NO_JUDGE: &str = "The part of the page that judges and plays scripts could not \
    be fetched: see whether you are online, and try again.";
/// The judge has another version.
pub(crate) const RENEWED: &str =
    "The page was renewed since you opened it: load it anew, then open the story.";
/// The judge has stopped.
pub(crate) const STOPPED: &str =
    "That was too much for this browser: try again, or try something shorter.";

/// While the run of a story is made again.
pub(crate) fn arriving(percent: u64) -> String {
    format!("The run comes on the stage: {percent} %.")
}

/// A script that is not there.
pub(crate) fn no_script(file: &str) -> String {
    format!("{file} could not be fetched: try again, or choose another story.")
}

/// What a story says now.
pub(crate) fn sentence(telling: &Telling) -> String {
    let Some(stop) = telling.current() else { return telling.story.title.clone() };
    match &stop.what {
        What::Say(sentence) => sentence.clone(),
        What::Ask(index) => {
            telling.story.questions.get(*index).map(|asked| asked.text.clone()).unwrap_or_default()
        }
        What::Answer { question, right, why } => {
            let choices = telling.story.questions.get(*question).map(|asked| &asked.choices);
            let truth = choices.and_then(|choices| choices.get(*right));
            let verdict = match telling.pick(*question) {
                Some(pick) if pick == *right => "You are right",
                Some(_) => "It came out otherwise",
                None => "It came out so",
            };
            let (truth, why) =
                (truth.map_or("", String::as_str), why.as_deref().unwrap_or_default());
            format!("{verdict}: {truth}{} {why}", if truth.ends_with('.') { "" } else { "." })
        }
        What::Fail(expected, found) => {
            let found = found.trim_end_matches('.');
            format!("Line {} fails. Expected: {expected}. Found: {found}.", stop.line)
        }
        What::End(0) => "The end.".into(),
        What::End(1) => "The end: the one thing that the story expects was so.".into(),
        What::End(count) => format!("The end: all {count} things that the story expects were so."),
    }
}

/// Where a story is.
pub(crate) fn progress(telling: &Telling) -> String {
    format!("{} of {}", telling.done, telling.story.stops.len())
}

/// What those who listen hear: the sentence, and the choices of a question that is open.
pub(crate) fn spoken(telling: &Telling) -> String {
    let mut said = sentence(telling);
    if let (true, Some((_, asked))) = (telling.waits(), telling.question()) {
        for (number, choice) in (1..).zip(&asked.choices) {
            said += &format!(" {number}: {choice}.");
        }
    }
    said
}
