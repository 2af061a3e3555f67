-- Money moved. No foreign key to clients: they belong to another service's database.
CREATE DATABASE crm_transactions CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE crm_transactions.transactions (
    id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    client_id     CHAR(40) NOT NULL,
    `transaction` ENUM('DEPOSIT', 'WITHDRAWAL') NOT NULL,
    amount        DECIMAL(15, 2) NOT NULL,
    `date`        DATETIME(6) NOT NULL,
    status        ENUM('COMPLETED', 'PENDING', 'FAILED') NOT NULL,
    PRIMARY KEY (id),
    KEY transactions_client (client_id, `date`),
    CONSTRAINT transactions_amount CHECK (amount > 0)
) ENGINE = InnoDB;
