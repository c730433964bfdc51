//! Hands access tokens out, and has new ones made: one refresh at a time, and none too many.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use resumable_core::SendError;
use resumable_proto_115::{AccessToken, NotLoggedIn, RefreshToken, Remedy, Tokens};
use resumable_transport::CancelFlag;

use super::store::{LockGuard, Unusable};
use super::{NoCredential, Origin, Reason, Time, TokenStore};
use crate::{BoxError, CredentialSource, Issued};

/// How often somebody looks whether the lock is free.
const LOOK: Duration = Duration::from_millis(100);
/// The first pause before a refresh is asked for again; each further one is twice as long, up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// How often in a row a new token may be refused the first time that it is used.
const REJECTED_IN_A_ROW: u32 = 3;
/// How often new tokens are tried to be kept.
const TRIES: u32 = 5;

/// What asks the vendor.
pub(crate) trait TokenEndpoint: Send + Sync {
    /// Turns a refresh token into a pair, which kills it.
    ///
    /// # Errors
    /// When there was no answer, or a refusal.
    fn refresh(&self, token: &RefreshToken) -> Result<Tokens, Trouble>;
}

/// Why the vendor gave no tokens.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// No answer.
    Sent(SendError),
    /// No.
    Said(NotLoggedIn),
}

impl From<Unusable> for NoCredential {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::Damaged(why) => Self::new(Reason::LogIn, why),
            Unusable::Newer(why) => Self::new(Reason::NewerFile, why),
            Unusable::Folder(why) => Self::new(Reason::Folder, why),
        }
    }
}

fn no_token<T>(reason: Reason, why: impl Into<String>) -> Result<T, NoCredential> {
    Err(NoCredential::new(reason, why))
}

/// The tokens of one account.
pub(crate) struct TokenRefresher<R, T> {
    /// Where they begin.
    pub(crate) origin: Origin,
    /// Where newer ones are.
    pub(crate) store: TokenStore,
    /// Who makes new ones.
    pub(crate) vendor: R,
    /// For how long a vendor that cannot be asked is sat out.
    pub(crate) patience: Duration,
    /// What waiting is done with.
    pub(crate) time: T,
    /// What became of the tokens that were made here.
    pub(crate) fate: Mutex<Fate>,
}

/// What became of the tokens that were made in this process.
#[derive(Debug, Default)]
pub(crate) enum Fate {
    /// None was made yet.
    #[default]
    None,
    /// The last one left so often, and so many before it were refused at once.
    Made { uses: u32, rejected_in_a_row: u32 },
}

impl Fate {
    /// Another one is to be made: how many were refused at once.
    fn rejected_in_a_row(&self) -> u32 {
        match *self {
            Self::Made { uses: 0 | 1, rejected_in_a_row } => rejected_in_a_row + 1,
            _ => 0,
        }
    }
}

impl<R: TokenEndpoint, T: Time> CredentialSource<AccessToken> for TokenRefresher<R, T> {
    fn at_hand(&self) -> Option<Issued<AccessToken>> {
        let (access_token, _) = self.newest().ok()?;
        access_token.map(Issued::from)
    }

    fn issue(&self, refused: Option<&AccessToken>, cancel: &CancelFlag) -> Result<Issued<AccessToken>, BoxError> {
        Ok(self.other_than(refused, cancel)?.into())
    }

    fn used(&self) {
        if let Fate::Made { uses, .. } = &mut *self.fate() {
            *uses = uses.saturating_add(1);
        }
    }
}

impl<R: TokenEndpoint, T: Time> TokenRefresher<R, T> {
    fn fate(&self) -> MutexGuard<'_, Fate> {
        self.fate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stored pair, or else what is written.
    fn newest(&self) -> Result<(Option<AccessToken>, Option<RefreshToken>), Unusable> {
        let Origin { access_token, refresh_token, .. } = &self.origin;
        Ok(match self.store.load()? {
            Some(pair) => (Some(pair.access_token), Some(pair.refresh_token)),
            None => (access_token.clone(), refresh_token.clone()),
        })
    }

    /// A token that was not refused: what somebody else has stored meanwhile, or a new one.
    fn other_than(&self, refused: Option<&AccessToken>, cancel: &CancelFlag) -> Result<AccessToken, NoCredential> {
        if let (Some(other), _) = self.newest()?
            && Some(&other) != refused
        {
            return Ok(other);
        }
        let guard = self.lock(cancel)?;
        match self.newest()? {
            (Some(other), _) if Some(&other) != refused => Ok(other),
            (_, Some(refresh_token)) => self.refresh(&guard, &refresh_token, cancel),
            (Some(_), None) => no_token(Reason::LogIn, "the access token has expired, and there is no refresh token"),
            (None, None) => no_token(Reason::LogIn, "not logged in"),
        }
    }

    /// Waits for its turn. The process that has it is done within seconds, or waits for the vendor as this one would.
    fn lock(&self, cancel: &CancelFlag) -> Result<LockGuard, NoCredential> {
        let begun = self.time.now();
        loop {
            if let Some(guard) = self.store.try_lock()? {
                return Ok(guard);
            }
            if self.time.now().saturating_sub(begun) > self.patience {
                return no_token(Reason::ForNow, "another process has been refreshing the tokens for too long");
            }
            self.wait(LOOK, cancel)?;
        }
    }

    /// The same for a pair that comes another way than by a refresh: it may be put in place of what is stored.
    pub(crate) fn lock_own(&self, cancel: &CancelFlag) -> Result<LockGuard, NoCredential> {
        let guard = self.lock(cancel)?;
        self.store.own()?;
        Ok(guard)
    }

    fn refresh(
        &self,
        guard: &LockGuard,
        token: &RefreshToken,
        cancel: &CancelFlag,
    ) -> Result<AccessToken, NoCredential> {
        let rejected_in_a_row = self.fate().rejected_in_a_row();
        if rejected_in_a_row >= REJECTED_IN_A_ROW {
            return no_token(Reason::AtVendor, "115 refuses every access token that it issues");
        }
        self.store.preflight(guard)?;
        let (begun, mut pause, mut in_doubt) = (self.time.now(), FIRST, false);
        loop {
            let (why, least) = match self.vendor.refresh(token) {
                Ok(tokens) => {
                    self.keep(guard, &tokens, cancel)?;
                    *self.fate() = Fate::Made { uses: 0, rejected_in_a_row };
                    return Ok(tokens.access_token);
                }
                Err(Trouble::Sent(error @ SendError::Untrusted(_))) => {
                    return no_token(Reason::Untrusted, format!("the tokens could not be refreshed: {error}"));
                }
                Err(Trouble::Sent(error)) => {
                    in_doubt |= !matches!(error, SendError::NotSent(_) | SendError::Impossible(_));
                    (error.to_string(), Duration::ZERO)
                }
                Err(Trouble::Said(NotLoggedIn { fault, remedy })) => match remedy {
                    Remedy::Later(least) => (fault.to_string(), least),
                    Remedy::LogIn | Remedy::ReadAgain | Remedy::NewCode => {
                        let lost = if in_doubt {
                            "; the answer to the first try was lost, and the new token with it"
                        } else {
                            ""
                        };
                        return no_token(Reason::LogIn, format!("{fault}{lost}"));
                    }
                    Remedy::Configuration | Remedy::Person => return no_token(Reason::AtVendor, fault.to_string()),
                    _ => {
                        in_doubt = true;
                        (fault.to_string(), Duration::ZERO)
                    }
                },
            };
            let next = pause.max(least);
            let waited = self.time.now().saturating_sub(begun);
            if waited.saturating_add(next) > self.patience {
                return no_token(Reason::ForNow, format!("the tokens could not be refreshed: {why}"));
            }
            self.wait(next, cancel)?;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Makes new tokens durable. The old ones are dead by now, so this is not given up at once.
    pub(crate) fn keep(&self, guard: &LockGuard, tokens: &Tokens, cancel: &CancelFlag) -> Result<(), NoCredential> {
        for _ in 1..TRIES {
            if self.store.save(guard, tokens).is_ok() {
                return Ok(());
            }
            self.time.wait(FIRST, cancel);
        }
        self.store.save(guard, tokens).map_err(NoCredential::from).or_else(|why| {
            no_token(
                Reason::LogIn,
                format!("the new tokens could not be saved, and the old ones no longer work: {why}"),
            )
        })
    }

    fn wait(&self, time: Duration, cancel: &CancelFlag) -> Result<(), NoCredential> {
        if self.time.wait(time, cancel) {
            Ok(())
        } else {
            no_token(Reason::Cancelled, "interrupted while the tokens were being refreshed")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Barrier;
    use std::{fs, thread};

    use resumable_core::Cause;
    use resumable_proto_115::{Fault, Op};
    use tempfile::TempDir;

    use super::*;

    /// What happens to a refresh.
    #[derive(Clone, Copy, PartialEq)]
    enum Answer {
        /// It does not arrive.
        NotSent,
        /// It takes effect, and nobody hears of it.
        ReplyLost,
        /// It is refused, with this code.
        Refused(i64, Remedy),
    }

    /// A vendor whose one good pair is number `generation`; every refresh kills the token it is made with.
    #[derive(Default)]
    struct Far {
        generation: Mutex<u32>,
        fates: Mutex<VecDeque<Answer>>,
        asked: Mutex<u32>,
    }

    fn tokens(generation: u32) -> Tokens {
        Tokens {
            access_token: AccessToken::new(format!("access-{generation}")).unwrap(),
            refresh_token: RefreshToken::new(format!("refresh-{generation}")).unwrap(),
            expires_in: None,
        }
    }

    fn refused(code: i64, remedy: Remedy) -> Trouble {
        let fault = Fault::Vendor { op: Op::RefreshToken, code, message: String::new(), status: 200 };
        Trouble::Said(NotLoggedIn { fault, remedy })
    }

    impl TokenEndpoint for &Far {
        fn refresh(&self, token: &RefreshToken) -> Result<Tokens, Trouble> {
            *self.asked.lock().unwrap() += 1;
            let mut generation = self.generation.lock().unwrap();
            let fate = self.fates.lock().unwrap().pop_front();
            match fate {
                Some(Answer::NotSent) => return Err(Trouble::Sent(SendError::NotSent(Cause::text("no way")))),
                Some(Answer::Refused(code, remedy)) => return Err(refused(code, remedy)),
                Some(Answer::ReplyLost) | None => {}
            }
            if token != &tokens(*generation).refresh_token {
                return Err(refused(40_140_116, Remedy::LogIn));
            }
            *generation += 1;
            if fate == Some(Answer::ReplyLost) {
                return Err(Trouble::Sent(SendError::Unsure(Cause::text("cut"))));
            }
            Ok(tokens(*generation))
        }
    }

    /// Time that passes by waiting alone, until nobody wants to wait any more.
    struct Virtual {
        now: Mutex<Duration>,
        end: Duration,
    }

    impl Default for Virtual {
        fn default() -> Self {
            Self { now: Mutex::default(), end: Duration::MAX }
        }
    }

    impl Time for Virtual {
        fn now(&self) -> Duration {
            *self.now.lock().unwrap()
        }

        fn wait(&self, time: Duration, _: &CancelFlag) -> bool {
            let mut now = self.now.lock().unwrap();
            *now += time;
            *now < self.end
        }
    }

    /// What an upload has at hand.
    fn held<R: TokenEndpoint, T: Time>(refresher: &TokenRefresher<R, T>) -> Option<AccessToken> {
        refresher.at_hand().map(|issued| issued.credential)
    }

    /// What an upload gets in place of a refused token.
    fn other_than<R: TokenEndpoint, T: Time>(
        refresher: &TokenRefresher<R, T>,
        refused: Option<&AccessToken>,
    ) -> Result<AccessToken, NoCredential> {
        refresher.other_than(refused, &CancelFlag::new())
    }

    fn origin(written: u32) -> Origin {
        let Tokens { access_token, refresh_token, .. } = tokens(written);
        Origin {
            hosts: "h".to_owned(),
            account: "a".to_owned(),
            access_token: Some(access_token),
            refresh_token: Some(refresh_token),
        }
    }

    fn refresher<'a>(state: &TempDir, far: &'a Far, written: u32) -> TokenRefresher<&'a Far, Virtual> {
        let origin = origin(written);
        let store = TokenStore::new(&state.path().join("tokens"), &origin);
        TokenRefresher {
            origin,
            store,
            vendor: far,
            patience: Duration::from_secs(600),
            time: Virtual::default(),
            fate: Mutex::default(),
        }
    }

    fn state() -> TempDir {
        tempfile::tempdir().unwrap()
    }

    fn far(fates: &[Answer]) -> Far {
        Far { fates: Mutex::new(fates.iter().copied().collect()), ..Far::default() }
    }

    fn asked(far: &Far) -> u32 {
        *far.asked.lock().unwrap()
    }

    #[test]
    fn what_is_written_serves_until_it_is_refused_and_then_what_is_stored() {
        let (state, far) = (state(), Far::default());
        let refresher = refresher(&state, &far, 0);
        let first = other_than(&refresher, None).unwrap();
        assert_eq!((first.expose(), asked(&far)), ("access-0", 0));
        let second = other_than(&refresher, Some(&first)).unwrap();
        assert_eq!((second.expose(), asked(&far)), ("access-1", 1));
        assert_eq!(held(&self::refresher(&state, &far, 0)), Some(second), "another process begins with it");
    }

    #[test]
    fn a_token_that_somebody_else_has_replaced_is_not_refreshed_again() {
        let (state, far) = (state(), Far::default());
        let (one, other) = (refresher(&state, &far, 0), refresher(&state, &far, 0));
        let first = held(&one).unwrap();
        other_than(&one, Some(&first)).unwrap();
        assert_eq!(other_than(&other, Some(&first)).unwrap().expose(), "access-1");
        assert_eq!(asked(&far), 1);
    }

    #[test]
    fn many_at_once_make_one_refresh_a_generation() {
        let (state, far) = (state(), Far::default());
        let barrier = Barrier::new(8);
        for generation in 0..4 {
            let old = tokens(generation).access_token;
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        let refresher = TokenRefresher { time: Patient, ..of(&state, &far) };
                        barrier.wait();
                        let new = other_than(&refresher, Some(&old)).unwrap();
                        assert_eq!(new, tokens(generation + 1).access_token);
                    });
                }
            });
            assert_eq!(asked(&far), generation + 1);
        }
    }

    fn of<'a>(state: &TempDir, far: &'a Far) -> TokenRefresher<&'a Far, Patient> {
        let TokenRefresher { origin, store, vendor, patience, fate, .. } = refresher(state, far, 0);
        TokenRefresher { origin, store, vendor, patience, time: Patient, fate }
    }

    /// Threads really wait for each other.
    struct Patient;

    impl Time for Patient {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        fn wait(&self, _: Duration, _: &CancelFlag) -> bool {
            thread::yield_now();
            true
        }
    }

    #[test]
    fn an_outage_is_sat_out_and_costs_no_log_in() {
        let (state, far) =
            (state(), far(&[Answer::NotSent, Answer::Refused(40_140_121, Remedy::Again), Answer::NotSent]));
        let refresher = refresher(&state, &far, 0);
        assert_eq!(other_than(&refresher, held(&refresher).as_ref()).unwrap().expose(), "access-1");
        assert_eq!(refresher.time.now(), Duration::from_secs(1 + 2 + 4));
    }

    #[test]
    fn an_outage_without_end_ends_with_the_patience() {
        let (state, far) = (state(), far(&vec![Answer::NotSent; 1000]));
        let refresher = refresher(&state, &far, 0);
        let error = other_than(&refresher, held(&refresher).as_ref()).unwrap_err();
        assert_eq!(error.reason(), Reason::ForNow);
        assert!(error.to_string().contains("no way"), "{error}");
        assert!(refresher.time.now() <= refresher.patience && refresher.time.now() + LONGEST * 2 > refresher.patience);
    }

    #[test]
    fn too_often_is_waited_for_as_long_as_the_vendor_wants() {
        let later = Remedy::Later(Duration::from_secs(300));
        let (state, far) = (state(), far(&[Answer::Refused(40_140_117, later)]));
        let refresher = refresher(&state, &far, 0);
        assert_eq!(other_than(&refresher, held(&refresher).as_ref()).unwrap().expose(), "access-1");
        assert_eq!((refresher.time.now(), asked(&far)), (Duration::from_secs(300), 2));
    }

    #[test]
    fn after_a_lost_reply_the_old_token_is_tried_once_and_then_a_person_is_asked() {
        let (state, far) = (state(), far(&[Answer::ReplyLost]));
        let refresher = refresher(&state, &far, 0);
        let error = other_than(&refresher, held(&refresher).as_ref()).unwrap_err();
        assert_eq!((error.reason(), asked(&far)), (Reason::LogIn, 2));
        assert!(error.to_string().contains("40140116") && error.to_string().contains("was lost"), "{error}");
    }

    #[test]
    fn a_vendor_that_refuses_every_new_token_is_not_asked_for_ever() {
        let (state, far) = (state(), Far::default());
        let refresher = refresher(&state, &far, 0);
        let mut token = held(&refresher).unwrap();
        for uses in [1, 1, 5, 1, 1] {
            token = other_than(&refresher, Some(&token)).unwrap();
            (0..uses).for_each(|_| refresher.used());
        }
        token = other_than(&refresher, Some(&token)).unwrap();
        refresher.used();
        assert_eq!(asked(&far), 6, "two in a row, one that served, and three");
        let error = other_than(&refresher, Some(&token)).unwrap_err();
        assert_eq!((error.reason(), asked(&far)), (Reason::AtVendor, 6), "{error}");
    }

    #[test]
    fn what_only_the_vendor_can_mend_is_no_reason_to_log_in() {
        let (state, far) = (state(), far(&[Answer::Refused(40_140_109, Remedy::Configuration)]));
        let refresher = refresher(&state, &far, 0);
        let error = other_than(&refresher, held(&refresher).as_ref()).unwrap_err();
        assert_eq!((error.reason(), asked(&far)), (Reason::AtVendor, 1));
    }

    #[test]
    fn who_cannot_keep_new_tokens_does_not_kill_the_old_ones() {
        let (state, far) = (state(), Far::default());
        let refresher = refresher(&state, &far, 0);
        let folder = state.path().join("tokens");
        fs::write(&folder, "no folder").unwrap();
        let error = other_than(&refresher, Some(&tokens(0).access_token)).unwrap_err();
        assert_eq!((error.reason(), asked(&far)), (Reason::Folder, 0), "{error}");
        fs::remove_file(&folder).unwrap();
        let in_the_way = refresher.store.path().with_extension("trial");
        fs::create_dir_all(in_the_way.join("full")).unwrap();
        let error = other_than(&refresher, Some(&tokens(0).access_token)).unwrap_err();
        assert_eq!(
            (error.reason(), asked(&far)),
            (Reason::Folder, 0),
            "the lock can be had, and nothing be written: {error}"
        );
        fs::remove_dir_all(&in_the_way).unwrap();
        other_than(&refresher, Some(&tokens(0).access_token)).unwrap();
    }

    #[test]
    fn an_edit_of_the_profile_counts_and_taking_it_back_does_too() {
        let (state, far) = (state(), Far::default());
        let right = refresher(&state, &far, 0);
        other_than(&right, held(&right).as_ref()).unwrap();
        let wrong = refresher(&state, &far, 77);
        assert_eq!(held(&wrong).unwrap().expose(), "access-77");
        assert_eq!(other_than(&wrong, held(&wrong).as_ref()).unwrap_err().reason(), Reason::LogIn);
        assert_eq!(
            held(&self::refresher(&state, &far, 0)).unwrap().expose(),
            "access-1",
            "the rotated token is not lost"
        );
    }

    #[test]
    fn damage_is_told_without_what_is_in_the_file() {
        let (state, far) = (state(), Far::default());
        let refresher = refresher(&state, &far, 0);
        other_than(&refresher, held(&refresher).as_ref()).unwrap();
        for damage in ["{\"format\":1,\"access_token\":\"access-1", "{\"format\":\"access-1\"}", "access-1"] {
            fs::write(refresher.store.path(), damage).unwrap();
            let error = other_than(&refresher, None).unwrap_err();
            assert_eq!(error.reason(), Reason::LogIn);
            assert!(error.to_string().contains("damaged") && !error.to_string().contains("access-1"), "{error}");
        }
    }

    #[test]
    fn what_a_newer_version_has_written_is_said_to_be_that_and_left_alone() {
        let (state, far) = (state(), Far::default());
        let refresher = refresher(&state, &far, 0);
        other_than(&refresher, held(&refresher).as_ref()).unwrap();
        let newer = "{\"format\":2,\"tokens\":[\"access-1\"]}";
        fs::write(refresher.store.path(), newer).unwrap();
        let error = other_than(&refresher, None).unwrap_err();
        assert_eq!((error.reason(), asked(&far)), (Reason::NewerFile, 1));
        assert!(error.to_string().contains("newer version") && !error.to_string().contains("access-1"), "{error}");
        let log_in = refresher.lock_own(&CancelFlag::new());
        assert_eq!(log_in.map(drop).unwrap_err().reason(), Reason::NewerFile);
        let guard = refresher.lock(&CancelFlag::new()).unwrap();
        refresher.keep(&guard, &tokens(5), &CancelFlag::new()).unwrap_err();
        assert_eq!(fs::read_to_string(refresher.store.path()).unwrap(), newer);
    }

    #[test]
    fn who_is_interrupted_lets_go_of_the_lock_and_loses_nothing() {
        let (state, far) = (state(), far(&[Answer::NotSent; 3]));
        let mut refresher = refresher(&state, &far, 0);
        refresher.time.end = Duration::from_secs(2);
        assert_eq!(other_than(&refresher, held(&refresher).as_ref()).unwrap_err().reason(), Reason::Cancelled);
        far.fates.lock().unwrap().clear();
        assert_eq!(
            other_than(&self::refresher(&state, &far, 0), held(&refresher).as_ref()).unwrap().expose(),
            "access-1"
        );
    }

    #[cfg(unix)]
    #[test]
    fn tokens_are_for_their_owner_alone_and_nothing_is_left_beside_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let (state, far) = (state(), Far::default());
        let refresher = refresher(&state, &far, 0);
        other_than(&refresher, held(&refresher).as_ref()).unwrap();
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = refresher.store.path();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2, "the pair, and the lock");
    }
}
