-- Customers and their accounts. An e-mail address and a phone number are unique among clients who are not deleted.
CREATE DATABASE crm_clients CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE crm_clients.clients (
    client_id       CHAR(40) NOT NULL,
    agent_id        BIGINT UNSIGNED NOT NULL,
    first_name      VARCHAR(50) NOT NULL,
    last_name       VARCHAR(50) NOT NULL,
    date_of_birth   DATE NOT NULL,
    gender          ENUM('FEMALE', 'MALE', 'NON_BINARY', 'NOT_SAID') NOT NULL,
    email           VARCHAR(254) NOT NULL,
    phone_number    VARCHAR(20) NOT NULL,
    address         VARCHAR(200) NOT NULL,
    city            VARCHAR(50) NOT NULL,
    state           VARCHAR(50) NULL,
    country         VARCHAR(50) NOT NULL,
    postal_code     VARCHAR(10) NOT NULL,
    verified        BOOLEAN NOT NULL DEFAULT FALSE,
    deleted         BOOLEAN NOT NULL DEFAULT FALSE,
    email_if_active VARCHAR(254) GENERATED ALWAYS AS (CASE WHEN deleted = 0 THEN email END) STORED,
    phone_if_active VARCHAR(20) GENERATED ALWAYS AS (CASE WHEN deleted = 0 THEN phone_number END) VIRTUAL,
    created_at      DATETIME(6) NOT NULL,
    updated_at      DATETIME(6) NOT NULL,
    PRIMARY KEY (client_id),
    UNIQUE KEY clients_email (email_if_active),
    UNIQUE KEY clients_phone (phone_if_active),
    KEY clients_agent (agent_id),
    CONSTRAINT clients_id_form CHECK (client_id LIKE 'CLT-%'),
    CONSTRAINT clients_born CHECK (date_of_birth >= '1900-01-01'),
    CONSTRAINT clients_flags CHECK (verified IN (0, 1) AND deleted IN (0, 1))
) ENGINE = InnoDB;

CREATE TABLE crm_clients.accounts (
    account_id      CHAR(40) NOT NULL,
    client_id       CHAR(40) NOT NULL,
    account_type    ENUM('SAVINGS', 'CHECKING', 'BUSINESS') NOT NULL,
    account_status  ENUM('ACTIVE', 'INACTIVE', 'PENDING') NOT NULL DEFAULT 'PENDING',
    opening_date    DATE NOT NULL,
    initial_deposit DECIMAL(15, 2) NOT NULL,
    balance         DECIMAL(15, 2) NOT NULL,
    currency        CHAR(3) NOT NULL DEFAULT 'SGD',
    branch_id       VARCHAR(20) NOT NULL,
    created_at      DATETIME(6) NOT NULL,
    updated_at      DATETIME(6) NOT NULL,
    PRIMARY KEY (account_id),
    KEY accounts_client (client_id),
    CONSTRAINT accounts_of_client FOREIGN KEY (client_id) REFERENCES crm_clients.clients (client_id),
    CONSTRAINT accounts_id_form CHECK (account_id LIKE 'ACC-%'),
    CONSTRAINT accounts_deposit CHECK (initial_deposit >= 0),
    CONSTRAINT accounts_balance CHECK (balance >= 0),
    CONSTRAINT accounts_currency CHECK (currency = 'SGD')
) ENGINE = InnoDB;
