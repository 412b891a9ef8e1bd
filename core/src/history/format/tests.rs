use alloc::vec::Vec;

use super::*;
use crate::history::{Call, Outcome};
use crate::kv::{Command, Reply};
use crate::sim::swarm;

fn calls(text: &str) -> Vec<Call> {
    read(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}\n{text}")).calls
}

#[test]
fn a_history_that_is_written_is_read_as_the_same() {
    for seed in 0..8 {
        let (_, _, chronicle) = swarm::run_kept(seed);
        let record = Record::of(&chronicle.history);
        assert!(record.calls.len() > 200, "seed {seed}");
        for (text, format) in
            [(json_lines(&record), Format::JsonLines), (edn(&record), Format::Edn)]
        {
            assert_eq!(Format::guess(&text), Some(format));
            let mut again = read(text.as_bytes(), None).expect("it was written here");
            assert!(again.calls.iter().all(|call| call.called.line > 0));
            for call in &mut again.calls {
                call.called.line = 0;
                call.returned.iter_mut().for_each(|(spot, _)| spot.line = 0);
            }
            assert_eq!(again, record, "seed {seed}, {format}");
        }
    }
}

#[test]
fn the_three_forms_say_the_same() {
    let json = "{\"process\":0,\"type\":\"invoke\",\"f\":\"cas\",\"value\":[null,3]}\n\
                {\"process\":0,\"type\":\"ok\",\"f\":\"cas\",\"value\":[null,3]}\n";
    let edn = "{:process 0, :type :invoke, :f :cas, :value [nil 3]}\n\
               {:process 0, :type :ok, :f :cas, :value [nil 3]}\n";
    let log = "INFO  jepsen.util - 0\t:invoke\t:cas\t[nil 3]\n\
               INFO  jepsen.util - 0\t:ok\t:cas\t[nil 3]\n";
    let all = [json, edn, log].map(calls);
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    let guessed = [json, edn, log].map(Format::guess);
    assert_eq!(guessed, [Format::JsonLines, Format::Edn, Format::JepsenLog].map(Some));
    let command = &all[0][0].command;
    assert_eq!(command.to_string(), "cas register \"\" 3");
}

#[test]
fn what_a_fail_means_depends_on_what_was_called() {
    let end = |called: &str, rest: &str| {
        let text = format!(
            "{{:process 0, :type :invoke, {called}}}\n{{:process 0, :type :fail, {rest}}}\n"
        );
        calls(&text)[0].returned.clone().expect("it ended").1
    };
    assert_eq!(end(":f :read", ":f :read"), Outcome::Unknown);
    assert_eq!(end(":f :write, :value 1", ":f :write"), Outcome::Failed);
    let cas = ":f :cas, :value [1 2]";
    assert_eq!(end(cas, cas), Outcome::Refused);
    assert_eq!(end(cas, ":f :cas, :error :timeout"), Outcome::Failed);
    let differs = Outcome::Replied(Reply::Differs { found: "7".into() });
    assert_eq!(end(cas, ":f :cas, :found 7"), differs);
}

#[test]
fn a_key_may_stand_before_the_value() {
    let text = "{:process 0, :type :invoke, :f :write, :value [7 1]}\n\
                {:process 0, :type :ok, :f :write, :value [7 1]}\n\
                {:process 1, :type :invoke, :f :cas, :value [7 [1 2]]}\n\
                {:process 2, :type :invoke, :f :read, :value [7 nil]}\n\
                {:process 2, :type :ok, :f :read, :value [7 1]}\n";
    let calls = calls(text);
    let words: Vec<String> = calls.iter().map(|call| call.command.to_string()).collect();
    assert_eq!(words, ["put 7 1", "cas 7 1 2", "get 7"]);
    let seen = Outcome::Replied(Reply::Value("1".into()));
    assert_eq!(calls[2].returned.as_ref().map(|(_, outcome)| outcome), Some(&seen));
}

#[test]
fn what_disturbs_the_system_and_what_is_empty_is_passed_over() {
    let text = "\u{feff}; a comment\r\n\r\n{:process :nemesis, :type :info, :f :start}\r\n\
                {:process 0, :type :invoke, :f :get, :key \"x\", :value nil}\r\n";
    let calls = calls(text);
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].called.line, &calls[0].returned), (4, &None));
    assert_eq!(calls[0].command, Command::Get { key: "x".into() });
}

#[test]
fn depth_is_no_danger() {
    for brackets in ["[", "{:a ", "#{", "(", "#a ", "{\"a\":["] {
        let deep = brackets.repeat(100_000);
        for format in Format::ALL {
            let text = format!("INFO jepsen.util - 0 :invoke :write {deep}");
            assert!(read(text.as_bytes(), Some(format)).is_err());
            assert!(read(deep.as_bytes(), Some(format)).is_err());
        }
    }
    let nested = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = format!("{{:process 0, :type :invoke, :f :write, :value {nested}}}");
    assert!(read(text.as_bytes(), None).is_err());
}
