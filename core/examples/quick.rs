use shardscope_core::sim::*;
use shardscope_core::time::*;
fn main() {
    let mut s = Scenario::new(1, 5, 2);
    s.snapshot_above = std::env::args().nth(1).map(|a| a.parse().unwrap());
    let mut t = Timeline::new(s);
    let start = std::time::Instant::now();
    let n = 900_000u32;
    while t.head_step() < u64::from(n) {
        t.step_forward();
    }
    let e = start.elapsed();
    println!(
        "{} steps, {:?}, {:.2} M/s, now {}, digest {:x}",
        n,
        e,
        n as f64 / e.as_secs_f64() / 1e6,
        t.now(),
        t.world().digest()
    );
    for i in shardscope_core::view::invariants(&t) {
        println!("{} {} {:?}", i.id, i.checks, i.broken);
    }
    let mut worst = vec![];
    for i in 0..1000u64 {
        let at = Instant::from_micros(t.head().as_micros() * ((i * 7919) % 1000) / 1000);
        let s = std::time::Instant::now();
        t.seek(at);
        worst.push(s.elapsed());
    }
    worst.sort();
    println!("seek p50 {:?} p95 {:?} max {:?}", worst[500], worst[950], worst[999]);
    println!("{:?}", shardscope_core::view::stage(&t).situation);
}
