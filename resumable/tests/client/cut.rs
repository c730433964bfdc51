//! How long the parts are of uploads whose profile does not say it: by how fast those before were taken.

use std::num::NonZeroU64;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use resumable::machine::Now;
use resumable::profile::{Profile, Profiles};
use resumable::transport::{Clock, TimeSource};
use resumable::{ErrorKind, MemoryStore};

use super::in_both_styles;
use super::world::{BUCKET, World, content};

/// What OSS is sent at a time where nothing is known.
const OWN: u64 = 8 << 20;
const LEN: u64 = 2 * OWN + 1;
/// Init and complete.
const OTHERS: usize = 2;

/// Time that passes with each request alone.
#[derive(Debug, Default)]
struct Line(Mutex<Duration>);

impl TimeSource for Line {
    fn now(&self) -> Now {
        Now { mono: *self.0.lock().unwrap(), unix: SystemTime::now().duration_since(UNIX_EPOCH).unwrap() }
    }

    fn sleep(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

/// A clock by which each of the next requests to this server takes so long.
fn slow(world: &World, each: Duration) -> Clock {
    let line: &'static Line = Box::leak(Box::default());
    for request in 0..100 {
        world.before(request, move |_| line.sleep(each));
    }
    Clock::simulated(line)
}

fn profile(world: &World) -> Profile {
    let account = &world.config().oss.accounts[0];
    let text = format!(
        "[profiles.p]\nprotocol = 'oss'\nendpoint = 'https://oss-cn-shenzhen.aliyuncs.com'\nbucket = '{BUCKET}'\n\
         access_key_id = '{}'\naccess_key_secret = '{}'\n",
        account.access_key_id, account.access_key_secret
    );
    Profiles::parse(&text, "p.toml").unwrap().get("p").unwrap()
}

in_both_styles! {
    fn the_next_file_goes_in_parts_that_take_some_seconds(world, client, send) {
        // A part of 8 MiB takes 8 s.
        let client = client().clock(slow(&world, Duration::from_secs(8))).window(1).store(MemoryStore::new());
        let client = client.build().unwrap();
        let profile = profile(&world);
        let mut requests = 0;
        for (path, profile, parts) in [
            ("first", profile.clone(), 3),
            ("next", profile.clone(), 5),
            ("as it says", profile.clone().with_part_size(OWN), 3),
        ] {
            let put = client.put_to(&profile, path).unwrap().memory(content(LEN, 1));
            send!(put.send()).unwrap();
            assert_eq!(world.requests() - requests, parts + OTHERS, "{path}");
            requests = world.requests();
            assert_eq!(world.object(path).unwrap(), content(LEN, 1));
        }
    }

    fn what_has_begun_keeps_its_parts(world, client, send) {
        let client = client().clock(slow(&world, Duration::from_secs(8))).window(1).store(MemoryStore::new());
        let client = client.build().unwrap();
        let profile = profile(&world);
        let put = || client.put_to(&profile, "f").unwrap().memory(content(LEN, 2));
        let stopped = put();
        let handle = stopped.handle();
        let stopped = stopped.on_progress(move |progress| if progress.confirmed >= OWN { handle.stop() });
        assert_eq!(send!(stopped.send()).unwrap_err().kind(), ErrorKind::Stopped);
        let outline = put().outline().unwrap();
        assert_eq!(outline.parts, 5, "so would it be begun now");
        send!(put().send()).unwrap();
        assert_eq!(world.object("f").unwrap(), content(LEN, 2));
        assert_eq!(world.received(), LEN, "nothing is sent twice");
    }

    fn a_limited_rate_makes_parts_short_and_never_long(world, client, _send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let outline = || client.put_to(&profile(&world), "f").unwrap().memory(content(LEN, 3)).outline().unwrap();
        for (rate, parts) in [(None, 3), (Some(1 << 20), 5), (Some(u64::MAX), 3)] {
            client.limits().set_rate(rate.and_then(NonZeroU64::new));
            assert_eq!(outline().parts, parts, "{rate:?}");
        }
    }
}
