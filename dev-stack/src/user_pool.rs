//! The users and their passwords. Returns Cognito's errors with Cognito's messages.
//! Knows nothing of pages and tokens.

use std::collections::HashMap;
use std::fmt;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use serde_json::Value;

use crate::random_token;

/// The users, by email address.
#[derive(Default)]
pub struct UserPool {
    users: HashMap<String, User>,
}

/// A user.
#[derive(Clone)]
pub struct User {
    /// The user's permanent ID, which is also the user name.
    pub sub: String,
    /// The email address, to which codes are sent.
    pub email: String,
    password_hash: String,
    confirmed: bool,
    confirmation_code: Option<String>,
    reset_code: Option<String>,
}

/// An error of Cognito. [`fmt::Display`] gives Cognito's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolError {
    /// `NotAuthorizedException`. Also returned for unknown users, as with `PreventUserExistenceErrors`.
    NotAuthorized,
    /// `UserNotConfirmedException`.
    UserNotConfirmed,
    /// `UsernameExistsException`.
    UsernameExists,
    /// `InvalidParameterException` for an email address.
    InvalidEmail,
    /// `InvalidPasswordException`: too short.
    PasswordTooShort,
    /// `InvalidPasswordException`: no uppercase letter.
    PasswordWithoutUppercase,
    /// `InvalidPasswordException`: no lowercase letter.
    PasswordWithoutLowercase,
    /// `InvalidPasswordException`: no number.
    PasswordWithoutNumber,
    /// `InvalidPasswordException`: no symbol.
    PasswordWithoutSymbol,
    /// `CodeMismatchException`.
    CodeMismatch,
}

impl UserPool {
    /// Finds or adds a user of an external identity provider. A new user gets a random password.
    pub fn federated_user(&mut self, email: &str) -> User {
        let email = normalize_email(email);
        let user = self.users.entry(email.clone()).or_insert_with(|| User {
            sub: random_token(),
            email,
            password_hash: hash_password(&random_token()),
            confirmed: true,
            confirmation_code: None,
            reset_code: None,
        });
        user.clone()
    }

    /// Adds an unconfirmed user and returns the confirmation code.
    ///
    /// # Errors
    /// Returns an error if the email address is invalid or taken, or if the password breaks the policy.
    pub fn sign_up(&mut self, email: &str, password: &str) -> Result<String, PoolError> {
        let email = normalize_email(email);
        let is_well_formed = email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@')
        });
        if !is_well_formed || email.contains(char::is_whitespace) {
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
            password_hash: hash_password(password),
            confirmed: false,
            confirmation_code: Some(code.clone()),
            reset_code: None,
        };
        self.users.insert(email, user);
        Ok(code)
    }

    /// Creates a new confirmation code. Returns `None` if the user is unknown or already confirmed.
    pub fn new_confirmation_code(&mut self, email: &str) -> Option<String> {
        let user = self.users.get_mut(&normalize_email(email))?;
        if user.confirmed {
            return None;
        }
        user.confirmation_code = Some(new_code());
        user.confirmation_code.clone()
    }

    /// Confirms a user's sign-up.
    ///
    /// # Errors
    /// Returns [`PoolError::CodeMismatch`] for a wrong code.
    pub fn confirm(&mut self, email: &str, code: &str) -> Result<(), PoolError> {
        let user = self.users.get_mut(&normalize_email(email));
        let user = user.ok_or(PoolError::CodeMismatch)?;
        if user.confirmation_code.as_deref() != Some(code.trim()) {
            return Err(PoolError::CodeMismatch);
        }
        user.confirmation_code = None;
        user.confirmed = true;
        Ok(())
    }

    /// Checks a user's password.
    ///
    /// # Errors
    /// Returns [`PoolError::NotAuthorized`] for an unknown user or a wrong password, and
    /// [`PoolError::UserNotConfirmed`] if the password is right.
    pub fn authenticate(&self, email: &str, password: &str) -> Result<User, PoolError> {
        let user = self.users.get(&normalize_email(email));
        let user = user.ok_or(PoolError::NotAuthorized)?;
        if !verify_password(password, &user.password_hash) {
            return Err(PoolError::NotAuthorized);
        }
        if !user.confirmed {
            return Err(PoolError::UserNotConfirmed);
        }
        Ok(user.clone())
    }

    /// Creates a code for a password reset. Returns `None` if the user is unknown or not confirmed; callers must not
    /// reveal which.
    pub fn forgot_password(&mut self, email: &str) -> Option<String> {
        let user = self.users.get_mut(&normalize_email(email))?;
        if !user.confirmed {
            return None;
        }
        user.reset_code = Some(new_code());
        user.reset_code.clone()
    }

    /// Sets a new password.
    ///
    /// # Errors
    /// Returns an error if the code is wrong or the password breaks the policy.
    pub fn reset_password(
        &mut self,
        email: &str,
        code: &str,
        password: &str,
    ) -> Result<(), PoolError> {
        let user = self.users.get_mut(&normalize_email(email));
        let user = user.ok_or(PoolError::CodeMismatch)?;
        if user.reset_code.as_deref() != Some(code.trim()) {
            return Err(PoolError::CodeMismatch);
        }
        check_password(password)?;
        user.reset_code = None;
        user.password_hash = hash_password(password);
        Ok(())
    }

    /// The confirmed user with this email address.
    #[must_use]
    pub fn by_email(&self, email: &str) -> Option<User> {
        let user = self.users.get(&normalize_email(email))?;
        user.confirmed.then(|| user.clone())
    }

    /// The user with this `sub`.
    #[must_use]
    pub fn by_sub(&self, sub: &str) -> Option<User> {
        self.users.values().find(|user| user.sub == sub).cloned()
    }
}

/// A rule of the password policy that requires a kind of character.
struct PasswordRule {
    /// The property in infra/template.yaml.
    property: &'static str,
    /// The rule in [`password_hint`].
    hint: &'static str,
    matches: fn(char) -> bool,
    error: PoolError,
}

/// The rules that infra/template.yaml turns on.
fn password_rules() -> impl Iterator<Item = PasswordRule> {
    let rules = [
        PasswordRule {
            property: "RequireUppercase",
            hint: "an uppercase letter",
            matches: |char| char.is_ascii_uppercase(),
            error: PoolError::PasswordWithoutUppercase,
        },
        PasswordRule {
            property: "RequireLowercase",
            hint: "a lowercase letter",
            matches: |char| char.is_ascii_lowercase(),
            error: PoolError::PasswordWithoutLowercase,
        },
        PasswordRule {
            property: "RequireNumbers",
            hint: "a number",
            matches: |char| char.is_ascii_digit(),
            error: PoolError::PasswordWithoutNumber,
        },
        PasswordRule {
            property: "RequireSymbols",
            hint: "a symbol",
            matches: |char| char.is_ascii_punctuation(),
            error: PoolError::PasswordWithoutSymbol,
        },
    ];
    rules
        .into_iter()
        .filter(|rule| password_policy(rule.property) == "true")
}

fn password_policy(property: &str) -> Value {
    infra::property("UserPool", &format!("/Policies/PasswordPolicy/{property}"))
}

fn minimum_length() -> u64 {
    password_policy("MinimumLength")
        .as_u64()
        .unwrap_or_default()
}

/// The password policy as shown on the sign-up page.
pub(crate) fn password_hint() -> String {
    let mut hint = format!("At least {} characters", minimum_length());
    for rule in password_rules() {
        hint = format!("{hint}, {}", rule.hint);
    }
    hint + "."
}

fn check_password(password: &str) -> Result<(), PoolError> {
    if (password.chars().count() as u64) < minimum_length() {
        return Err(PoolError::PasswordTooShort);
    }
    match password_rules().find(|rule| !password.chars().any(rule.matches)) {
        Some(broken_rule) => Err(broken_rule.error),
        None => Ok(()),
    }
}

/// User names are case-insensitive, as in the template.
fn normalize_email(email: &str) -> String {
    email.trim().to_lowercase()
}

fn new_code() -> String {
    format!("{:06}", rand::random_range(0..1_000_000))
}

#[allow(clippy::expect_used)]
fn hash_password(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("Argon2 with default parameters accepts any password")
        .to_string()
}

fn verify_password(password: &str, hash: &str) -> bool {
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
    fn users_can_sign_in_only_after_confirmation() {
        let mut pool = UserPool::default();
        let code = pool.sign_up(EMAIL, PASSWORD).unwrap();
        let error = |pool: &UserPool| pool.authenticate(EMAIL, PASSWORD).err();
        assert_eq!(error(&pool), Some(PoolError::UserNotConfirmed));
        assert_eq!(pool.confirm(EMAIL, "x"), Err(PoolError::CodeMismatch));
        pool.confirm(EMAIL, &code).unwrap();
        assert_eq!(error(&pool), None);
        assert_eq!(pool.confirm(EMAIL, &code), Err(PoolError::CodeMismatch));
    }

    #[test]
    fn wrong_password_and_unknown_user_give_the_same_error() {
        let mut pool = UserPool::default();
        pool.sign_up(EMAIL, PASSWORD).unwrap();
        for (email, password) in [(EMAIL, "Lovelace2"), ("eve@example.com", PASSWORD)] {
            let error = pool.authenticate(email, password).err();
            assert_eq!(error, Some(PoolError::NotAuthorized));
        }
    }

    #[test]
    fn passwords_that_break_the_policy_are_rejected() {
        #[track_caller]
        fn check(password: &str, expected: PoolError) {
            let result = UserPool::default().sign_up(EMAIL, password);
            assert_eq!(result, Err(expected));
        }
        check("Abc12", PoolError::PasswordTooShort);
        check("abcdef1", PoolError::PasswordWithoutUppercase);
        check("Abcdefg", PoolError::PasswordWithoutNumber);
        assert!(UserPool::default().sign_up(EMAIL, "Abcde1").is_ok());
    }

    #[test]
    fn email_addresses_are_valid_and_unique_ignoring_case() {
        let mut pool = UserPool::default();
        pool.sign_up(EMAIL, PASSWORD).unwrap();
        let result = pool.sign_up("Ada@Example.com", PASSWORD);
        assert_eq!(result, Err(PoolError::UsernameExists));
        for text in ["", "ada", "@example.com", "ada@", "a@b@c", "a b@c"] {
            let result = pool.sign_up(text, PASSWORD);
            assert_eq!(result, Err(PoolError::InvalidEmail), "{text}");
        }
    }

    #[test]
    fn a_reset_code_works_once() {
        let mut pool = UserPool::default();
        let code = pool.sign_up(EMAIL, PASSWORD).unwrap();
        assert_eq!(pool.forgot_password(EMAIL), None);
        pool.confirm(EMAIL, &code).unwrap();
        assert_eq!(pool.forgot_password("eve@example.com"), None);
        let code = pool.forgot_password(EMAIL).unwrap();
        pool.reset_password(EMAIL, &code, "Byron1815").unwrap();
        assert!(pool.authenticate(EMAIL, PASSWORD).is_err());
        assert!(pool.authenticate(EMAIL, "Byron1815").is_ok());
        let result = pool.reset_password(EMAIL, &code, PASSWORD);
        assert_eq!(result, Err(PoolError::CodeMismatch));
    }
}
