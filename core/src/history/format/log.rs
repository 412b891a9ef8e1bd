//! Lines of a log: `INFO  jepsen.util - 2  :invoke  :cas  [2 4]`.

use alloc::format;
use alloc::string::ToString;
use alloc::vec;

use super::datum::{Datum, Field, Fields};
use super::{LOGGER, Wrong, column, edn, shorten};

/// The fields of a line; none: it is about something else.
pub(super) fn fields(line: &str) -> Result<Option<Fields>, Wrong> {
    let Some(begin) = line.find(LOGGER).map(|at| at + LOGGER.len()) else { return Ok(None) };
    let mut rest = &line[begin..];
    let mut word = || {
        let start = rest.trim_start();
        let byte = line.len() - start.len();
        let (word, after) = start.split_once(char::is_whitespace).unwrap_or((start, ""));
        rest = after;
        (column(line, byte), word)
    };
    let (who, kind, what) = (word(), word(), word());
    if who.1 == ":nemesis" {
        return Ok(None);
    }
    if what.1.is_empty() {
        let sentence = "The line ends too early: write PROCESS :TYPE :F VALUE, or take it out.";
        return Err((what.0, sentence.into()));
    }
    let Ok(process) = who.1.parse() else {
        let shown = shorten(who.1);
        return Err((who.0, format!("\"{shown}\" is no process: write a whole number.")));
    };
    let named = |name, (column, word): (u32, &str)| {
        let datum = Datum::Word(word.trim_start_matches(':').to_string());
        Field { name, column, datum }
    };
    let mut fields = vec![
        Field { name: "process", column: who.0, datum: Datum::Int(process) },
        named("type", kind),
        named("f", what),
    ];
    let start = rest.trim_start();
    if !start.is_empty() {
        let at = column(line, line.len() - start.len());
        let datum = edn::value(start).map_err(|(inside, words)| (at + inside - 1, words))?;
        // `:timed-out` stands where the value would.
        let name = if matches!(datum, Datum::Word(_)) { "error" } else { "value" };
        fields.push(Field { name, column: at, datum });
    }
    Ok(Some(Fields(fields)))
}
