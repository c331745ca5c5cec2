//! Who may sign in. Refuses what Cognito refuses, in Cognito's words. Knows nothing of pages and tokens.

use std::collections::HashMap;
use std::fmt;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use serde_json::Value;

use crate::random_token;

/// The users, by their e-mail address.
#[derive(Default)]
pub struct UserPool {
    users: HashMap<String, User>,
}

/// One user.
#[derive(Clone)]
pub struct User {
    /// For ever the same; the user name as well.
    pub sub: String,
    /// The address that the codes go to.
    pub email: String,
    password_hash: String,
    confirmed: bool,
    confirmation_code: Option<String>,
    reset_code: Option<String>,
}

/// Why Cognito refuses; [`fmt::Display`] is its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolError {
    /// `NotAuthorizedException`; also for users that do not exist, as with `PreventUserExistenceErrors`.
    NotAuthorized,
    /// `UserNotConfirmedException`.
    UserNotConfirmed,
    /// `UsernameExistsException`.
    UsernameExists,
    /// `InvalidParameterException` for an address.
    InvalidEmail,
    /// `InvalidPasswordException`: too short.
    PasswordTooShort,
    /// `InvalidPasswordException`: no upper-case letter.
    PasswordWithoutUppercase,
    /// `InvalidPasswordException`: no lower-case letter.
    PasswordWithoutLowercase,
    /// `InvalidPasswordException`: no number.
    PasswordWithoutNumber,
    /// `InvalidPasswordException`: no symbol.
    PasswordWithoutSymbol,
    /// `CodeMismatchException`.
    CodeMismatch,
}

impl UserPool {
    /// Somebody whom an identity provider vouches for: found, or added without a password that anybody knows.
    pub fn federated(&mut self, email: &str) -> User {
        let email = normalized(email);
        let user = self.users.entry(email.clone()).or_insert_with(|| User {
            sub: random_token(),
            email,
            password_hash: hash(&random_token()),
            confirmed: true,
            confirmation_code: None,
            reset_code: None,
        });
        user.clone()
    }

    /// Adds an unconfirmed user and returns the code that confirms.
    ///
    /// # Errors
    /// For an address that is none or is taken, and for a password against the rules.
    pub fn sign_up(&mut self, email: &str, password: &str) -> Result<String, PoolError> {
        let email = normalized(email);
        let well_formed = email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@')
        });
        if !well_formed || email.contains(char::is_whitespace) {
            return Err(PoolError::InvalidEmail);
        }
        if self.users.contains_key(&email) {
            return Err(PoolError::UsernameExists);
        }
        check_password(password)?;
        let code = new_code();
        let user = User {
            sub: random_token(),
            email: email.clone(),
            password_hash: hash(password),
            confirmed: false,
            confirmation_code: Some(code.clone()),
            reset_code: None,
        };
        self.users.insert(email, user);
        Ok(code)
    }

    /// Makes a new confirmation code for somebody who is not confirmed yet.
    pub fn new_confirmation_code(&mut self, email: &str) -> Option<String> {
        let user = self.users.get_mut(&normalized(email))?;
        if user.confirmed {
            return None;
        }
        user.confirmation_code = Some(new_code());
        user.confirmation_code.clone()
    }

    /// Confirms a user by the code that went out.
    ///
    /// # Errors
    /// [`PoolError::CodeMismatch`].
    pub fn confirm(&mut self, email: &str, code: &str) -> Result<(), PoolError> {
        let user = self.users.get_mut(&normalized(email));
        let user = user.ok_or(PoolError::CodeMismatch)?;
        if user.confirmation_code.as_deref() != Some(code.trim()) {
            return Err(PoolError::CodeMismatch);
        }
        user.confirmation_code = None;
        user.confirmed = true;
        Ok(())
    }

    /// Signs in.
    ///
    /// # Errors
    /// [`PoolError::NotAuthorized`], and [`PoolError::UserNotConfirmed`] if only the confirmation is missing.
    pub fn authenticate(&self, email: &str, password: &str) -> Result<User, PoolError> {
        let user = self.users.get(&normalized(email));
        let user = user.ok_or(PoolError::NotAuthorized)?;
        if !is_password(password, &user.password_hash) {
            return Err(PoolError::NotAuthorized);
        }
        if !user.confirmed {
            return Err(PoolError::UserNotConfirmed);
        }
        Ok(user.clone())
    }

    /// Makes a code for a new password, if there is such a confirmed user; the person is told the same either way.
    pub fn forgot_password(&mut self, email: &str) -> Option<String> {
        let user = self.users.get_mut(&normalized(email))?;
        if !user.confirmed {
            return None;
        }
        user.reset_code = Some(new_code());
        user.reset_code.clone()
    }

    /// Sets a new password by the code that went out.
    ///
    /// # Errors
    /// For another code, and for a password against the rules.
    pub fn reset_password(
        &mut self,
        email: &str,
        code: &str,
        password: &str,
    ) -> Result<(), PoolError> {
        let user = self.users.get_mut(&normalized(email));
        let user = user.ok_or(PoolError::CodeMismatch)?;
        if user.reset_code.as_deref() != Some(code.trim()) {
            return Err(PoolError::CodeMismatch);
        }
        check_password(password)?;
        user.reset_code = None;
        user.password_hash = hash(password);
        Ok(())
    }

    /// The confirmed user with this address.
    #[must_use]
    pub fn by_email(&self, email: &str) -> Option<User> {
        let user = self.users.get(&normalized(email))?;
        user.confirmed.then(|| user.clone())
    }

    /// The user with this `sub`.
    #[must_use]
    pub fn by_sub(&self, sub: &str) -> Option<User> {
        self.users.values().find(|user| user.sub == sub).cloned()
    }
}

/// A rule of the password policy: its name in the template, its words, which characters keep it, and what is said
/// against a password without any.
type Rule = (&'static str, &'static str, fn(char) -> bool, PoolError);

/// The rules that infra/template.yaml switches on.
fn password_rules() -> impl Iterator<Item = Rule> {
    let rules: [Rule; 4] = [
        (
            "RequireUppercase",
            "an upper-case letter",
            |char| char.is_ascii_uppercase(),
            PoolError::PasswordWithoutUppercase,
        ),
        (
            "RequireLowercase",
            "a lower-case letter",
            |char| char.is_ascii_lowercase(),
            PoolError::PasswordWithoutLowercase,
        ),
        (
            "RequireNumbers",
            "a number",
            |char| char.is_ascii_digit(),
            PoolError::PasswordWithoutNumber,
        ),
        (
            "RequireSymbols",
            "a symbol",
            |char| char.is_ascii_punctuation(),
            PoolError::PasswordWithoutSymbol,
        ),
    ];
    rules
        .into_iter()
        .filter(|(name, ..)| password_policy(name) == "true")
}

fn password_policy(rule: &str) -> Value {
    infra::property("UserPool", &format!("/Policies/PasswordPolicy/{rule}"))
}

fn minimum_length() -> u64 {
    password_policy("MinimumLength")
        .as_u64()
        .unwrap_or_default()
}

/// The password policy in words.
pub(crate) fn password_hint() -> String {
    let mut hint = format!("At least {} characters", minimum_length());
    for (_, words, ..) in password_rules() {
        hint = format!("{hint}, {words}");
    }
    hint + "."
}

fn check_password(password: &str) -> Result<(), PoolError> {
    if (password.chars().count() as u64) < minimum_length() {
        return Err(PoolError::PasswordTooShort);
    }
    match password_rules().find(|(_, _, keeps, _)| !password.chars().any(keeps)) {
        Some((.., broken)) => Err(broken),
        None => Ok(()),
    }
}

/// Pools are made with case-insensitive names unless one asks otherwise.
fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}

fn new_code() -> String {
    format!("{:06}", rand::random_range(0..1_000_000))
}

#[allow(clippy::expect_used)]
fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("Argon2 with its default parameters takes any password")
        .to_string()
}

fn is_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

impl fmt::Display for PoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAuthorized => "Incorrect username or password.",
            Self::UserNotConfirmed => "User is not confirmed.",
            Self::UsernameExists => "An account with the given email already exists.",
            Self::InvalidEmail => "Invalid email address format.",
            Self::PasswordTooShort => {
                "Password did not conform with policy: Password not long enough"
            }
            Self::PasswordWithoutUppercase => {
                "Password did not conform with policy: Password must have uppercase characters"
            }
            Self::PasswordWithoutLowercase => {
                "Password did not conform with policy: Password must have lowercase characters"
            }
            Self::PasswordWithoutSymbol => {
                "Password did not conform with policy: Password must have symbol characters"
            }
            Self::PasswordWithoutNumber => {
                "Password did not conform with policy: Password must have numeric characters"
            }
            Self::CodeMismatch => "Invalid verification code provided, please try again.",
        })
    }
}

impl std::error::Error for PoolError {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const EMAIL: &str = "ada@example.com";
    const PASSWORD: &str = "Lovelace1";

    #[test]
    fn a_user_signs_in_after_the_confirmation_and_not_before() {
        let mut pool = UserPool::default();
        let code = pool.sign_up(EMAIL, PASSWORD).unwrap();
        let refused = |pool: &UserPool| pool.authenticate(EMAIL, PASSWORD).err();
        assert_eq!(refused(&pool), Some(PoolError::UserNotConfirmed));
        assert_eq!(pool.confirm(EMAIL, "x"), Err(PoolError::CodeMismatch));
        pool.confirm(EMAIL, &code).unwrap();
        assert_eq!(refused(&pool), None);
        assert_eq!(pool.confirm(EMAIL, &code), Err(PoolError::CodeMismatch));
    }

    #[test]
    fn a_wrong_password_and_an_unknown_user_look_the_same() {
        let mut pool = UserPool::default();
        pool.sign_up(EMAIL, PASSWORD).unwrap();
        for (email, password) in [(EMAIL, "Lovelace2"), ("eve@example.com", PASSWORD)] {
            let refused = pool.authenticate(email, password).err();
            assert_eq!(refused, Some(PoolError::NotAuthorized));
        }
    }

    #[test]
    fn passwords_against_the_rules_are_refused() {
        #[track_caller]
        fn check(password: &str, expected: PoolError) {
            let refused = UserPool::default().sign_up(EMAIL, password);
            assert_eq!(refused, Err(expected));
        }
        check("Abc12", PoolError::PasswordTooShort);
        check("abcdef1", PoolError::PasswordWithoutUppercase);
        check("Abcdefg", PoolError::PasswordWithoutNumber);
        assert!(UserPool::default().sign_up(EMAIL, "Abcde1").is_ok());
    }

    #[test]
    fn an_address_is_taken_once_whatever_its_case() {
        let mut pool = UserPool::default();
        pool.sign_up(EMAIL, PASSWORD).unwrap();
        let refused = pool.sign_up("Ada@Example.com", PASSWORD);
        assert_eq!(refused, Err(PoolError::UsernameExists));
        for text in ["", "ada", "@example.com", "ada@", "a@b@c", "a b@c"] {
            let refused = pool.sign_up(text, PASSWORD);
            assert_eq!(refused, Err(PoolError::InvalidEmail), "{text}");
        }
    }

    #[test]
    fn a_password_is_reset_by_its_code_once() {
        let mut pool = UserPool::default();
        let code = pool.sign_up(EMAIL, PASSWORD).unwrap();
        assert_eq!(pool.forgot_password(EMAIL), None);
        pool.confirm(EMAIL, &code).unwrap();
        assert_eq!(pool.forgot_password("eve@example.com"), None);
        let code = pool.forgot_password(EMAIL).unwrap();
        pool.reset_password(EMAIL, &code, "Byron1815").unwrap();
        assert!(pool.authenticate(EMAIL, PASSWORD).is_err());
        assert!(pool.authenticate(EMAIL, "Byron1815").is_ok());
        let refused = pool.reset_password(EMAIL, &code, PASSWORD);
        assert_eq!(refused, Err(PoolError::CodeMismatch));
    }
}
