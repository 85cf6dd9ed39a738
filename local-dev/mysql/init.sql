-- Written by `zelly dev write`: what is changed here is lost.
-- The image has made the user zelly already, with the password of its environment.

CREATE SCHEMA IF NOT EXISTS `astro_primary` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
GRANT ALL PRIVILEGES ON `astro_primary`.* TO 'zelly'@'%';

CREATE SCHEMA IF NOT EXISTS `ecom_store_front` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
GRANT ALL PRIVILEGES ON `ecom_store_front`.* TO 'zelly'@'%';

CREATE SCHEMA IF NOT EXISTS `backoffice` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
GRANT ALL PRIVILEGES ON `backoffice`.* TO 'zelly'@'%';
